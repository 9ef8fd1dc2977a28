import type { StaffViewer } from '../../access/viewer.ts';
import { messagesSeenBy } from '../../content/messages.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';
import { describe } from '../../rules/describe.ts';
import type { Catalog } from '../../rules/fields.ts';
import { type Labels, labelsOf } from '../../rules/labels.ts';
import { conditionsOf, everybody, type Rule } from '../../rules/rules.ts';
import { issuesOf } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';

import { type Draft, type DraftStep, stepsOf, type Typed } from './track-draft.ts';
import { presets } from './track-presets.ts';

const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

/** What the names in a track mean to its reader. */
export interface Names {
  catalog: Catalog;
  labels: Labels;
  message: (id: string) => string | undefined;
  list: (id: string) => string | undefined;
  /** What a step is called: its number and kind. */
  step: (id: string) => string;
}

/** What is needed to tell drafts in words. */
export async function namesFor(viewer: StaffViewer, drafts: readonly Draft[]): Promise<Names> {
  const [catalog, messages, lists] = await Promise.all([
    wholeCatalog(),
    messagesSeenBy(viewer),
    segmentsSeenBy(viewer),
  ]);
  const rules = drafts.flatMap(rulesIn).filter((rule) => issuesOf(rule, catalog, 'person').length === 0);
  const messageNames = new Map(messages.map(({ id, name }) => [id, name]));
  const listNames = new Map(lists.map(({ id, name }) => [id, name]));
  const numbers = new Map(
    drafts.flatMap((draft) => stepsOf(draft.steps).map(({ id, kind }, i) => [id, stepName(kind, i + 1)])),
  );
  return {
    catalog,
    labels: await labelsOf(rules as Rule[], catalog),
    message: (id) => messageNames.get(id),
    list: (id) => listNames.get(id),
    step: (id) => numbers.get(id) ?? t('tracks.says.goneStep'),
  };
}

/** What a place of a draft is called: a step by its number and kind. */
export function placeTold(draft: Draft, id: string): string {
  const all = stepsOf(draft.steps);
  const index = all.findIndex((step) => step.id === id);
  const step = all[index];
  return step === undefined ? t(`tracks.edges.${id}`) : stepName(step.kind, index + 1);
}

export const stepName = (kind: DraftStep['kind'], number: number): string =>
  t('tracks.stepName', { number, kind: t(`tracks.kinds.${kind}`) });

const rulesIn = (draft: Draft): unknown[] =>
  [draft.entry, draft.leave, ...stepsOf(draft.steps).map(({ typed }) => typed)].flatMap(({ rule }) => {
    const read = rule === undefined ? undefined : maybeRule(rule);
    return read === undefined ? [] : [read];
  });

function maybeRule(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A rule in words; undefined where it asks nothing. */
export function ruleTold(text: string | undefined, { catalog, labels }: Names): string | undefined {
  const rule = maybeRule(text ?? '');
  if (rule === undefined || JSON.stringify(rule) === JSON.stringify(everybody)) return undefined;
  if (issuesOf(rule, catalog, 'person').length > 0) return t('tracks.says.ruleUnfinished');
  return conditionsOf(rule as Rule).length === 0
    ? undefined
    : describe(rule as Rule, { catalog, labels, t, formats });
}

/** What a step does, in words. */
export function stepTold({ kind, typed }: Pick<DraftStep, 'kind' | 'typed'>, names: Names): string {
  return capitalized(tellers[kind]({ ...presets[kind], ...typed }, names));
}

/** Rules and spans are told in the middle of sentences; here they begin one. */
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const says = (word: string, values: Record<string, unknown> = {}): string => t(`tracks.says.${word}`, values);

const tellers: Record<DraftStep['kind'], (typed: Typed, names: Names) => string> = {
  send: ({ channel = '', messageId = '', sender }, names) => {
    const name = messageId === '' ? undefined : (names.message(messageId) ?? says('goneMessage'));
    if (name === undefined) return says('noMessage');
    return says(sender === 'manager' ? 'sendByManager' : 'send', { name, channel: t(`campaigns.channels.${channel}`) });
  },
  wait: spanTold,
  waitUntil: ({ time, weekdays = '' }) =>
    weekdays === '' || weekdays.split(',').length === 7
      ? says('untilAnyDay', { time })
      : says('until', { time, days: formats.list(weekdays.split(',').map((day) => t(`campaigns.when.days.${day}`))) }),
  waitFor: (typed, names) => says('atMost', { what: awaitedTold(typed, names), span: spanTold(typed) }),
  branch: ({ rule }, names) => ruleTold(rule, names) ?? says('noCondition'),
  tag: ({ tagAct = '', tag = '' }) => (tag.trim() === '' ? says('noTag') : says(`tag.${tagAct}`, { tag })),
  task: ({ subject = '', assignee = '', dueDays = '' }) =>
    subject.trim() === ''
      ? says('noSubject')
      : says('task', { subject, who: says(`assignees.${assignee}`), count: Number(dueDays) || 0, days: dueDays }),
  exit: () => says('exit'),
}; // prettier-ignore

function spanTold({ amount = '', unit = '' }: Typed): string {
  return /^\s*[1-9]\d{0,8}\s*$/.test(amount)
    ? t(`tracks.spans.${unit}`, { count: Number(amount), shown: formats.number(Number(amount)) })
    : says('noSpan');
}

const awaitedTold = (typed: Typed, names: Names): string =>
  (awaitedTellers[typed.awaited ?? ''] ?? ruleAwaited)(typed, names);

const ruleAwaited = ({ rule }: Typed, names: Names): string => ruleTold(rule, names) ?? says('noCondition');

const awaitedTellers: Record<string, (typed: Typed, names: Names) => string> = {
  signal: ({ signal = '' }) => (signal === '' ? says('noSignal') : signalTold(signal)),
  task: ({ taskStep = '' }, names) =>
    taskStep === '' ? says('noStep') : says('taskDone', { step: names.step(taskStep) }),
  message: ({ messageStep = '', did = '' }, names) =>
    messageStep === '' ? says('noStep') : says(`message.${did}`, { step: names.step(messageStep) }),
};

export const signalTold = (signal: string): string => t(`alertKinds.${signal.replace('.', '_')}`);

/** Who comes in, in words, and who of them. */
export function entryTold(entry: Typed, names: Names): string {
  const typed = { ...presets.entry, ...entry };
  const { kind = '' } = typed;
  const rule = ruleTold(typed.rule, names);
  if (kind === 'rule') return rule === undefined ? says('noCondition') : capitalized(rule);
  const who = entryTellers[kind]?.(typed, names) ?? says(`entry.${kind}`);
  return rule === undefined ? who : says('entry.narrowed', { who, rule });
}

const entryTellers: Record<string, (typed: Typed, names: Names) => string> = {
  segment: ({ segmentId = '', moment = '' }, names) =>
    segmentId === ''
      ? says('noList')
      : says(`entry.${moment}`, { list: names.list(segmentId) ?? says('goneList') }),
  signal: ({ signal = '' }) =>
    signal === '' ? says('noSignal') : says('entry.signal', { signal: signalTold(signal) }),
  tag: ({ tag = '', tagAct = '' }) =>
    tag.trim() === '' ? says('noTag') : says(`entry.tag.${tagAct}`, { tag }),
};

export const againTold = ({ again, againDays = '' }: Typed): string =>
  again === 'days' ? says('againDays', { count: Number(againDays) || 0 }) : says('againNever');

/** When somebody goes out early; undefined where nobody does. */
export function leaveTold(leave: Typed, names: Names): string | undefined {
  const rule = ruleTold(leave.rule, names);
  const told = [
    ...(leave.atGoal === 'on' ? [says('leaveAtGoal')] : []),
    ...(rule === undefined ? [] : [says('leaveUnless', { rule })]),
  ];
  return told.length === 0 ? undefined : capitalized(formats.list(told));
}
