import { z } from 'zod';

import { limits, StepKey, type StepKind, stepKinds } from '../../tracks/definition.ts';

import { presets } from './track-presets.ts';

/** What happens before any step: who comes in, and who goes out early. They have a place in the drawing, too. */
export const edges = ['entry', 'leave'] as const;
export type Edge = (typeof edges)[number];

export const arms = ['then', 'otherwise'] as const;
export type Arm = (typeof arms)[number];

/** The fields of a form, as they were typed: what is no number yet is kept as well. */
export type Typed = Record<string, string>;

/** A step as it stands in the editor. */
export interface DraftStep {
  id: string;
  kind: StepKind;
  typed: Typed;
  /** Of a branch, and of waiting for something; absent for all others. */
  then?: DraftStep[] | undefined;
  otherwise?: DraftStep[] | undefined;
}

/** A track as it stands in the editor: whatever was typed, taken or not. */
export interface Draft extends Record<Edge, Typed> {
  steps: DraftStep[];
}

/** The fields of each form of the editor; what else is sent is passed over. */
export const fieldsOf: Record<StepKind | Edge, readonly string[]> = {
  entry: [
    'kind',
    'rule',
    'segmentId',
    'moment',
    'includesPresent',
    'signal',
    'tag',
    'tagAct',
    'again',
    'againDays',
  ],
  leave: ['atGoal', 'rule'],
  send: ['channel', 'messageId', 'sender'],
  wait: ['amount', 'unit'],
  waitUntil: ['time', 'weekdays'],
  waitFor: ['awaited', 'rule', 'signal', 'taskStep', 'messageStep', 'did', 'amount', 'unit'],
  branch: ['rule'],
  tag: ['tagAct', 'tag'],
  task: ['assignee', 'subject', 'text', 'dueDays', 'each'],
  exit: [],
};

/** Boxes, of which a form says nothing when none is ticked. */
const boxes = ['includesPresent', 'atGoal', 'weekdays'];

export const branches = (kind: StepKind): boolean => kind === 'branch' || kind === 'waitFor';

/** Of a field; rules are the longest. */
const LONGEST = 60_000;
const text = z.string().max(LONGEST);
const typed = z.record(z.string().max(40), text);
const Step: z.ZodType<DraftStep> = z.lazy(() =>
  z.strictObject({
    id: StepKey,
    kind: z.enum(stepKinds),
    typed,
    then: z.array(Step).max(limits.steps).optional(),
    otherwise: z.array(Step).max(limits.steps).optional(),
  }),
);
const Draft = z.strictObject({ entry: typed, leave: typed, steps: z.array(Step).max(limits.steps) });

/** A draft that a form brought along; undefined for anything that is none. */
export function maybeDraft(input: unknown): Draft | undefined {
  const read = Draft.safeParse(input);
  if (!read.success) return undefined;
  const ids = stepsOf(read.data.steps).map(({ id }) => id);
  const isWhole = ids.length <= limits.steps && new Set(ids).size === ids.length;
  return isWhole ? read.data : undefined;
}

/** All steps in the order in which they are read: a branch, what is in its arms, and what comes after. */
export function stepsOf(steps: readonly DraftStep[]): DraftStep[] {
  return steps.flatMap((step) => [step, ...stepsOf(step.then ?? []), ...stepsOf(step.otherwise ?? [])]);
}

export const stepOf = (draft: Draft, id: string): DraftStep | undefined =>
  stepsOf(draft.steps).find((step) => step.id === id);

const isEdge = (id: string): id is Edge => (edges as readonly string[]).includes(id);

/** What a place is: an edge, or the kind of its step. */
export const kindAt = (draft: Draft, id: string): StepKind | Edge =>
  stepOf(draft, id)?.kind ?? (id === 'leave' ? 'leave' : 'entry');

/** What was typed at a step, or at an edge. */
export const typedAt = (draft: Draft, id: string): Typed | undefined =>
  isEdge(id) ? draft[id] : stepOf(draft, id)?.typed;

/** The draft with what a form sent for one of its places. */
export function typedInto(draft: Draft, id: string, body: Record<string, unknown>): Draft {
  const before = typedAt(draft, id);
  const kind = isEdge(id) ? id : stepOf(draft, id)?.kind;
  if (before === undefined || kind === undefined) return draft;
  const sent = Object.fromEntries(
    fieldsOf[kind].flatMap((name) => {
      const value = boxes.includes(name) ? ticked(body[name]) : body[name];
      if (typeof value !== 'string') return [];
      return [[name, name === 'rule' ? shortRule(value) : value.slice(0, LONGEST)]];
    }),
  );
  const after = { ...before, ...sent };
  if (sameTyped(kind, before, after)) return draft;
  return isEdge(id)
    ? { ...draft, [id]: after }
    : { ...draft, steps: changed(draft.steps, id, (step) => [{ ...step, typed: after }]) };
}

/** What was ticked of several boxes of one name. */
const ticked = (sent: unknown): string =>
  [sent]
    .flat()
    .filter((one) => typeof one === 'string')
    .join(',');

/** Replaces one step, wherever it stands, by none, one or several. */
export function changed(
  steps: readonly DraftStep[],
  id: string,
  turn: (step: DraftStep) => DraftStep[],
): DraftStep[] {
  return steps.flatMap((step) => {
    if (step.id === id) return turn(step);
    if (!branches(step.kind)) return [step];
    const { then = [], otherwise = [] } = step;
    return [{ ...step, then: changed(then, id, turn), otherwise: changed(otherwise, id, turn) }];
  });
}

/** A rule without the blanks that a browser puts in; what is no JSON stays as it was typed. */
export function shortRule(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text.replaceAll('\r\n', '\n').slice(0, LONGEST);
  }
}

/** Whether two drafts say the same, whatever of it is merely preset. */
export const same = (one: Draft, other: Draft): boolean => canonical(one) === canonical(other);

const canonical = ({ entry, leave, steps }: Draft): string =>
  JSON.stringify([plain('entry', entry), plain('leave', leave), steps.map(plainStep)]);

const plainStep = ({ id, kind, typed, then = [], otherwise = [] }: DraftStep): unknown[] => [
  id,
  kind,
  plain(kind, typed),
  then.map(plainStep),
  otherwise.map(plainStep),
];

/** Whether what was typed at a place says the same. */
export const sameTyped = (kind: StepKind | Edge, one: Typed, other: Typed): boolean =>
  plain(kind, one) === plain(kind, other);

/** What was typed, with what is preset, in one order and without what is empty. The builder writes a single condition as a group of one. */
function plain(kind: StepKind | Edge, typed: Typed): string {
  const whole = Object.entries({ ...presets[kind], ...typed }).filter(([, value]) => value !== '');
  const told = whole.map(([name, value]) => [name, name === 'rule' ? plainRule(value) : value]);
  return JSON.stringify(told.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}

function plainRule(text: string): string {
  try {
    return JSON.stringify(unwrapped(JSON.parse(text)));
  } catch {
    return text;
  }
}

function unwrapped(rule: unknown): unknown {
  const all = typeof rule === 'object' && rule !== null && 'all' in rule ? rule.all : undefined;
  return Array.isArray(all) && all.length === 1 ? unwrapped(all[0]) : rule;
}
