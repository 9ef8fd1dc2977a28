import { z } from 'zod';

import { isOfEverybody } from '../../campaigns/definition/checks.ts';
import {
  type CohortPreset, cohortPresets, gateFigures, type Holds, MOST_COHORTS, Rollout, rolloutPreset,
} from '../../campaigns/definition/rollout.ts'; // prettier-ignore
import { Invalid } from '../../platform/errors.ts';
import { translator } from '../../platform/words.ts';
import type { Catalog } from '../../rules/fields.ts';
import { issuesOf } from '../../rules/schema.ts';

const t = translator('en', 'console');

/** A cohort as it stands in the form: text, whether it can be taken or not. */
export interface CohortDraft {
  name: string;
  kind: Holds['kind'];
  percent: string;
  /** JSON. */
  rule: string;
}

export interface RolloutDraft {
  cohorts: CohortDraft[];
  rest: string;
  waitHours: string;
  begins: 'any' | 'chosen';
  weekdays: string[];
  from: string;
  until: string;
  zone: string;
  gate: 'limits' | 'person';
  limits: Record<(typeof gateFigures)[number], string>;
}

/** What the form begins with. @param zone of whoever begins it */
export const presetDraft = (zone: string): RolloutDraft =>
  draftOf(
    rolloutPreset(zone, { pilot: presetName('pilot'), rest: t('campaigns.rollout.everybodyElse') }),
    zone,
  );

const presetName = (preset: CohortPreset): string => t(`campaigns.rollout.presets.${preset}`);

export function draftOf(rollout: Rollout, zone: string): RolloutDraft {
  const { cohorts, rest, waitHours, begins, gate } = rollout;
  const preset = rolloutPreset(zone, { pilot: '', rest: '' });
  const chosen = begins ?? preset.begins ?? { weekdays: [], from: 0, until: 24, zone };
  const limits = gate.kind === 'limits' ? gate : preset.gate;
  return {
    cohorts: cohorts.map(({ name, holds }) => ({ name, ...holdsTyped(holds) })),
    rest, waitHours: String(waitHours), begins: begins === null ? 'any' : 'chosen', weekdays: chosen.weekdays.map(String),
    from: String(chosen.from), until: String(chosen.until), zone: chosen.zone, gate: gate.kind,
    limits: Object.fromEntries(gateFigures.map((name) => [name, limits.kind === 'limits' ? String(limits[name]) : ''])) as RolloutDraft['limits'],
  }; // prettier-ignore
}

const holdsTyped = (holds: Holds): Omit<CohortDraft, 'name'> =>
  holds.kind === 'share'
    ? { kind: 'share', percent: String(holds.percent), rule: '' }
    : { kind: 'rule', percent: '', rule: JSON.stringify(holds.rule, null, 2) };

const text = (longest = 200) => z.string().max(longest).catch('');
const Sent = z.object({
  cohorts: z.coerce.number().int().min(0).max(MOST_COHORTS).catch(0),
  rest: text(),
  waitHours: text(),
  begins: z.enum(['any', 'chosen']).catch('any'),
  weekdays: z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]),
  from: text(),
  until: text(),
  zone: text(),
  gate: z.enum(['limits', 'person']).catch('limits'),
  failed: text(),
  bounced: text(),
  complained: text(),
  unsubscribed: text(),
});

/** What a form brought. */
export function draftFrom(body: unknown): RolloutDraft {
  const fields = (body ?? {}) as Record<string, unknown>;
  const { cohorts: count, failed, bounced, complained, unsubscribed, ...sent } = Sent.parse(fields);
  const textOf = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  const cohorts = Array.from({ length: count }, (_, i): CohortDraft => ({
    name: textOf(`name${String(i)}`),
    kind: textOf(`kind${String(i)}`) === 'rule' ? 'rule' : 'share',
    percent: textOf(`percent${String(i)}`),
    rule: textOf(`rule${String(i)}`),
  }));
  return { ...sent, cohorts, limits: { failed, bounced, complained, unsubscribed } };
}

/** The draft after an act: `add:pilot`, `remove:1`, `up:1`, `down:1`. What makes no sense changes nothing. */
export function acted(draft: RolloutDraft, act: string): RolloutDraft {
  const [verb = '', about = ''] = act.split(':');
  const place = Number(about);
  const { cohorts } = draft;
  if (verb === 'add') return { ...draft, cohorts: [...cohorts, ...added(about)].slice(0, MOST_COHORTS) };
  const cohort = cohorts[place];
  if (cohort === undefined) return draft;
  const others = cohorts.toSpliced(place, 1);
  const put = (at: number) => ({ ...draft, cohorts: others.toSpliced(Math.max(0, at), 0, cohort) });
  if (verb === 'remove') return { ...draft, cohorts: others };
  return verb === 'up' ? put(place - 1) : verb === 'down' ? put(place + 1) : draft;
}

const isPreset = (name: string): name is CohortPreset => Object.hasOwn(cohortPresets, name);

const added = (name: string): CohortDraft[] =>
  isPreset(name) ? [{ name: presetName(name), ...holdsTyped(cohortPresets[name]) }] : [];

/** The rollout that a draft says. @throws Invalid, by field of the form */
export function rolloutFrom(draft: RolloutDraft, catalog: Catalog): Rollout {
  const { cohorts, rest, waitHours, begins, weekdays, from, until, zone, gate, limits } = draft;
  const errors: Record<string, string> = {};
  const read = Rollout.safeParse({
    cohorts: cohorts.map((cohort, i) => ({ name: cohort.name, holds: holdsFrom(cohort, i, { catalog, errors }) })),
    rest, waitHours: numberOf(waitHours),
    begins: begins === 'any' ? null : { weekdays: weekdays.map(numberOf), from: numberOf(from), until: numberOf(until), zone },
    gate: gate === 'person' ? { kind: gate } : { kind: gate, ...Object.fromEntries(gateFigures.map((name) => [name, numberOf(limits[name])])) },
  }); // prettier-ignore
  for (const { path, message } of read.error?.issues ?? [])
    errors[fieldOf(path)] ??= /^[a-z]+(\.\w+)+$/i.test(message) ? message : 'errors.invalid';
  if (!read.success || Object.keys(errors).length > 0) throw new Invalid(errors);
  return read.data;
}

function holdsFrom(
  { kind, percent, rule }: CohortDraft,
  place: number,
  { catalog, errors }: { catalog: Catalog; errors: Record<string, string> },
): unknown {
  if (kind === 'share') return { kind, percent: numberOf(percent) };
  const field = `rule${String(place)}`;
  try {
    const read: unknown = JSON.parse(rule);
    if (isOfEverybody(read)) errors[field] ??= 'campaigns.errors.cohortRule';
    for (const { path, key } of issuesOf(read, catalog, 'person')) errors[[field, ...path].join('.')] ??= key;
    return { kind, rule: read };
  } catch {
    errors[field] ??= 'rules.errors.notJson';
    return { kind, rule: null };
  }
}

/** `name0` for ['cohorts', 0, 'name']; what is about the whole is the form's. */
function fieldOf(path: readonly PropertyKey[]): string {
  const last = path.findLast((part) => typeof part === 'string') ?? 'form';
  if (path[0] !== 'cohorts') return last;
  return typeof path[1] === 'number' ? `${last}${String(path[1])}` : 'form';
}

/** What is no number is none, which no schema takes. */
const numberOf = (typed: string): number =>
  /^\s*\d{1,4}([.,]\d{1,3})?\s*$/.test(typed) ? Number(typed.replace(',', '.')) : Number.NaN;
