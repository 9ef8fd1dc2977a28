import './cases/events.ts';
import * as health from './health/health.ts';
import * as insights from './insights/insights.ts';
import type { Reactions } from './platform/jobs.ts';
import './platform/salesforce/outbox.ts';
import './platform/salesforce/changes.ts';

/** What each event sets off. An event that sets nothing off is listed with {}. */
export const reactions: Reactions = {
  'case.opened': { recomputeHealth: health.recomputeAccount },
  'case.replied': {},
  'case.closed': { recomputeHealth: health.recomputeAccount },
  'case.reopened': { recomputeHealth: health.recomputeAccount },
  'health.changed': { tellHealth: insights.tellHealth },
  'mirror.changed': { recomputeHealth: health.recomputeTouched },
  'mirror.loaded': { recomputeHealth: health.requestFullRun },
  'outbox.delivered': {},
};
