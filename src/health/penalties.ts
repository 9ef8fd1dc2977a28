export { type Rank, type Reason, ranks, RANKS } from './ranks.ts';
export { urgentPriorities } from './readings.ts';
