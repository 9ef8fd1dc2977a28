import { z } from 'zod';

import { ranks } from '../health/ranks.ts';

/** Whether it is bad news, good news, or neither. */
export type Tone = 'danger' | 'success' | 'info';

/** What a rule may narrow a signal to, beside its condition. */
export const Filter = z
  .object({
    /** The ranks that an account came to. */
    ranks: z.array(z.enum(ranks)).optional(),
    direction: z.enum(['down', 'up']).optional(),
    /** The fewest points that a score lost. */
    points: z.number().int().min(1).max(100).optional(),
    segmentId: z.guid().optional(),
    levels: z.array(z.enum(['red', 'yellow', 'green'])).optional(),
    /** The most days before a renewal. */
    days: z.number().int().min(1).max(90).optional(),
    executivesOnly: z.boolean().optional(),
    /** Of a rule that watches a condition: whose it is, and whether those count that meet it already. */
    entity: z.enum(['account', 'person']).optional(),
    includesPresent: z.boolean().optional(),
  })
  .strict();
export type Filter = z.infer<typeof Filter>;

/** What can happen to an account or its people, in the order of the form; `filters` are those that fit. */
export const kinds = {
  'customer.new': { tone: 'success', icon: 'stars', filters: [] },
  'customer.lost': { tone: 'danger', icon: 'door-open', filters: [] },
  'health.changed': { tone: 'danger', icon: 'heart-pulse', filters: ['direction', 'ranks'] },
  'health.dropped': { tone: 'danger', icon: 'graph-down-arrow', filters: ['points'] },
  'risk.changed': { tone: 'danger', icon: 'flag', filters: ['levels'] },
  'segment.entered': { tone: 'info', icon: 'box-arrow-in-right', filters: ['segmentId'] },
  'segment.left': { tone: 'info', icon: 'box-arrow-right', filters: ['segmentId'] },
  'usage.stopped': { tone: 'danger', icon: 'pause-circle', filters: [] },
  'usage.rising': { tone: 'success', icon: 'graph-up-arrow', filters: [] },
  'capacity.near': { tone: 'success', icon: 'speedometer2', filters: [] },
  'renewal.near': { tone: 'info', icon: 'calendar-event', filters: ['days'] },
  'opportunity.created': { tone: 'success', icon: 'briefcase', filters: [] },
  'opportunity.won': { tone: 'success', icon: 'trophy', filters: [] },
  'opportunity.lost': { tone: 'danger', icon: 'x-circle', filters: [] },
  'case.opened': { tone: 'info', icon: 'chat-square-text', filters: [] },
  'case.urgent': { tone: 'danger', icon: 'exclamation-octagon', filters: [] },
  'person.quiet': { tone: 'danger', icon: 'person-dash', filters: ['executivesOnly'] },
  /** An account or a person came to meet the rule's own condition (FA9). */
  'condition.met': { tone: 'info', icon: 'funnel', filters: ['entity', 'includesPresent'] },
} as const satisfies Record<string, { tone: Tone; icon: string; filters: readonly (keyof Filter)[] }>;

export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as Kind[];

export const isKind = (text: unknown): text is Kind => typeof text === 'string' && Object.hasOwn(kinds, text);

/** Good or bad news: a change for the better is good, whatever its kind. */
export function toneOf(kind: Kind, data: Record<string, unknown>): Tone {
  if (kind === 'health.changed') return data.direction === 'up' ? 'success' : 'danger';
  if (kind === 'risk.changed') return data.level === 'red' ? 'danger' : 'info';
  return kinds[kind].tone;
}
