import type { Reactions } from './platform/jobs.ts';

/** What each event sets off. An event that sets nothing off is listed with {}. */
export const reactions: Reactions = {};
