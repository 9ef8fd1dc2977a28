import { acquisition, runningTrials, trialConversion } from './trials.ts';
import { churn, payingAccounts } from './paying.ts';
import { adoption, healthAcross, productivity, renewals, revenueAtRisk } from './portfolio.ts';
import type { Report, Segmenting } from './report.ts';
import { activity, eventsTold, visitFrequency } from './use.ts';
import { rapportUsers } from './visits.ts';

const firmographic: Segmenting[] = ['manager', 'size', 'industry', 'country', 'type'];
const all: Segmenting[] = [...firmographic, 'edition'];

/** Every report there is, in the order of the index (RP1 to RP7, AN2, AN5). */
export const reports: readonly Report[] = [
  {
    name: 'activity',
    category: 'engagement',
    spans: ['90d', '30d', '365d'],
    segmentings: all,
    ask: activity,
  },
  { name: 'frequency', category: 'engagement', spans: [], segmentings: all, ask: visitFrequency },
  {
    name: 'adoption',
    category: 'engagement',
    spans: [],
    segmentings: all,
    byDefault: 'edition',
    ask: adoption,
  },
  { name: 'trials', category: 'free', spans: ['12m', '24m', '60m'], segmentings: all, ask: trialConversion },
  { name: 'running-trials', category: 'free', spans: [], segmentings: [], ask: runningTrials },
  { name: 'acquisition', category: 'free', spans: ['12m', '24m', '60m'], segmentings: [], ask: acquisition },
  { name: 'paying', category: 'paying', spans: ['12m', '24m', '60m'], segmentings: all, ask: payingAccounts },
  {
    name: 'health',
    category: 'paying',
    spans: [],
    segmentings: all,
    byDefault: 'manager',
    ask: healthAcross,
  },
  { name: 'risk', category: 'paying', spans: [], segmentings: all, ask: revenueAtRisk },
  { name: 'renewals', category: 'paying', spans: [], segmentings: [], ask: renewals },
  {
    name: 'managers',
    category: 'paying',
    spans: ['30d', '90d', '365d'],
    segmentings: ['manager'],
    byDefault: 'manager',
    ask: productivity,
  },
  { name: 'churn', category: 'cancellations', spans: ['12m', '24m', '60m'], segmentings: all, ask: churn },
  { name: 'events', category: 'rapport', spans: ['30d', '90d', '365d'], segmentings: [], ask: eventsTold },
  { name: 'people', category: 'rapport', spans: ['30d', '90d', '365d'], segmentings: [], ask: rapportUsers },
];

export const maybeReport = (name: string): Report | undefined =>
  reports.find((report) => report.name === name);
