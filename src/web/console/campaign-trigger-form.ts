import type { Request } from 'express';
import { z } from 'zod';

import type { CampaignChange } from '../../campaigns/definition/campaigns.ts';
import { Trigger, type TriggerKind, triggerKinds } from '../../campaigns/definition/triggers.ts';
import { Invalid } from '../../platform/errors.ts';
import { parse } from '../../platform/http/parse.ts';

const Kind = z.object({ kind: z.enum(triggerKinds) });

type Body = Record<string, unknown>;

/** What the step that says what starts a campaign changes. @throws Invalid by field of the form */
export function triggerOf(req: Request): Promise<CampaignChange> {
  const { kind } = parse(Kind, req.body);
  const trigger = Trigger.safeParse(drafts[kind]((req.body ?? {}) as Body));
  if (trigger.success) return Promise.resolve({ trigger: trigger.data });
  const fields: Record<string, string> = {};
  for (const { path, message } of trigger.error.issues)
    fields[fieldOf(kind, String(path[0]))] ??= errorOf(String(path[0]), message);
  throw new Invalid(fields);
}

/** What was typed for each kind, as the schema takes it. Fields of other kinds stay out. */
const drafts: Record<TriggerKind, (body: Body) => object> = {
  manual: () => ({ kind: 'manual' }),
  api: () => ({ kind: 'api' }),
  once: ({ date, onceTime, onceZone }) => ({ kind: 'once', date, time: onceTime, zone: onceZone }),
  recurring: ({ every, weekdays, day, time, zone, until }) => ({
    kind: 'recurring', every, time, zone, weekdays: weekdays === undefined ? [] : [weekdays].flat().map(Number),
    day: day === '' ? 1 : Number(day), until: until === '' ? null : until,
  }), // prettier-ignore
  event: ({ signal }) => ({ kind: 'event', signal }),
  segment: ({ triggerSegmentId, moment }) => ({ kind: 'segment', segmentId: triggerSegmentId, moment }),
};

const renamed: Partial<Record<TriggerKind, Record<string, string>>> = {
  once: { time: 'onceTime', zone: 'onceZone' },
  segment: { segmentId: 'triggerSegmentId' },
};

const fieldOf = (kind: TriggerKind, name: string): string => renamed[kind]?.[name] ?? name;

const errors: Record<string, string> = {
  date: 'campaigns.errors.date',
  until: 'campaigns.errors.date',
  time: 'campaigns.errors.time',
  zone: 'campaigns.errors.zone',
  day: 'campaigns.errors.day',
  weekdays: 'campaigns.errors.weekdays',
  signal: 'campaigns.errors.signal',
  segmentId: 'campaigns.errors.segment',
};

const errorOf = (name: string, message: string): string =>
  message.startsWith('campaigns.') ? message : (errors[name] ?? 'errors.invalid');
