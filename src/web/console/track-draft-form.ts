import type { Catalog } from '../../rules/fields.ts';
import { everybody } from '../../rules/rules.ts';
import { issuesOf } from '../../rules/schema.ts';
import type { Awaited, Entry, Step, TrackDefinition } from '../../tracks/definition.ts';

import { branches, type Draft, type DraftStep, type Typed } from './track-draft.ts';
import { presets } from './track-presets.ts';

const ruleText = (rule: unknown): string => JSON.stringify(rule ?? everybody);

/** What the editor shows of a track. */
export function draftOf(definition: TrackDefinition): Draft {
  const { entry, who, again, exits, steps } = definition;
  return {
    entry: {
      ...entryTyped(entry, who),
      again: again === 'never' ? 'never' : 'days',
      againDays: again === 'never' ? '' : String(again),
    },
    leave: { atGoal: exits.atGoal ? 'on' : '', rule: ruleText(exits.while) },
    steps: steps.map(draftStepOf),
  };
}

/** One builder is enough: where a rule brings people, what narrows them is part of it. */
function entryTyped(entry: Entry, who: TrackDefinition['who']): Typed {
  if (entry.kind === 'rule') {
    const both = [entry.rule, who].filter((rule) => rule !== null);
    return { kind: 'rule', rule: ruleText(both.length === 2 ? { all: both } : both[0]) };
  }
  return { kind: entry.kind, ...ownTyped(entry), rule: ruleText(who) };
}

function ownTyped(entry: Exclude<Entry, { kind: 'rule' }>): Typed {
  if (entry.kind === 'signal') return { signal: entry.signal ?? '' };
  if (entry.kind === 'tag') return { tag: entry.tag, tagAct: entry.act };
  if (entry.kind !== 'segment') return {};
  const { segmentId, moment, includesPresent } = entry;
  return { segmentId: segmentId ?? '', moment, includesPresent: includesPresent ? 'on' : '' };
}

/** A step as the editor has it. */
export function draftStepOf(step: Step): DraftStep {
  const { key: id, kind } = step;
  const draft = { id, kind, typed: stepTyped(step) };
  return 'then' in step
    ? { ...draft, then: step.then.map(draftStepOf), otherwise: step.otherwise.map(draftStepOf) }
    : draft;
}

function stepTyped(step: Step): Typed {
  switch (step.kind) {
    case 'send':
      return { channel: step.channel, messageId: step.messageId ?? '', sender: step.sender };
    case 'wait':
      return { amount: String(step.span.amount), unit: step.span.unit };
    case 'waitUntil':
      return { time: step.time, weekdays: step.weekdays.join(',') };
    case 'waitFor':
      return { ...awaitedTyped(step.awaited), amount: String(step.limit.amount), unit: step.limit.unit };
    case 'branch':
      return { rule: ruleText(step.rule) };
    case 'tag':
      return { tagAct: step.act, tag: step.tag };
    case 'task':
      return {
        assignee: step.assignee,
        subject: step.subject,
        text: step.text,
        dueDays: String(step.dueDays),
        each: step.each,
      };
    case 'exit':
      return {};
  }
}

function awaitedTyped(awaited: Awaited): Typed {
  switch (awaited.kind) {
    case 'rule':
      return { awaited: 'rule', rule: ruleText(awaited.rule) };
    case 'signal':
      return { awaited: 'signal', signal: awaited.signal ?? '' };
    case 'task':
      return { awaited: 'task', taskStep: awaited.step ?? '' };
    case 'message':
      return { awaited: 'message', messageStep: awaited.step ?? '', did: awaited.did };
  }
}

/** What a draft says, as `TrackDefinition` takes it, and what of its rules cannot be asked, by place and field. */
export function partsOf(
  draft: Draft,
  catalog: Catalog,
): { parts: object; wrong: Map<string, Record<string, string>> } {
  const wrong = new Map<string, Record<string, string>>();
  const ruleOf = (id: string, { rule = '' }: Typed): unknown => readRule(rule, catalog, (path, key) => {
    const fields = wrong.get(id) ?? {};
    fields[['rule', ...path].join('.')] ??= key;
    wrong.set(id, fields);
  }); // prettier-ignore
  const entry = { ...presets.entry, ...draft.entry };
  const rule = ruleOf('entry', entry);
  return {
    parts: {
      ...entryParts(entry, rule),
      again: entry.again === 'days' ? numberOf(entry.againDays) : 'never',
      exits: { atGoal: draft.leave.atGoal === 'on', while: ruleOf('leave', draft.leave) },
      steps: draft.steps.map((step) => stepFrom(step, ruleOf)),
    },
    wrong,
  };
}

/** @returns null where nothing is asked; what is no rule is told, and left out */
function readRule(
  text: string,
  catalog: Catalog,
  tell: (path: (string | number)[], key: string) => void,
): unknown {
  if (text.trim() === '') return null;
  let rule: unknown;
  try {
    rule = JSON.parse(text);
  } catch {
    tell([], 'rules.errors.notJson');
    return null;
  }
  if (JSON.stringify(rule) === JSON.stringify(everybody)) return null;
  const issues = issuesOf(rule, catalog, 'person');
  for (const { path, key } of issues) tell(path, key);
  return issues.length === 0 ? rule : null;
}

function entryParts(typed: Typed, rule: unknown): object {
  const { kind, segmentId, moment, includesPresent, signal, tag, tagAct } = typed;
  if (kind === 'rule') return { entry: { kind, rule }, who: null };
  const entries: Record<string, object> = {
    segment: { kind, segmentId: orNull(segmentId), moment, includesPresent: includesPresent === 'on' },
    signal: { kind, signal: orNull(signal) },
    tag: { kind, tag: tag ?? '', act: tagAct },
  };
  return { entry: entries[kind ?? ''] ?? { kind }, who: rule };
}

type RuleOf = (id: string, typed: Typed) => unknown;

function stepFrom(step: DraftStep, ruleOf: RuleOf): object {
  const { id: key, kind } = step;
  const typed = { ...presets[kind], ...step.typed };
  const arms = branches(kind)
    ? {
        then: (step.then ?? []).map((one) => stepFrom(one, ruleOf)),
        otherwise: (step.otherwise ?? []).map((one) => stepFrom(one, ruleOf)),
      }
    : {};
  return { key, kind, ...ownParts[kind](typed, () => ruleOf(key, typed)), ...arms };
}

const ownParts: Record<DraftStep['kind'], (typed: Typed, rule: () => unknown) => object> = {
  send: ({ channel, messageId, sender }) => ({ channel, messageId: orNull(messageId), sender }),
  wait: (typed) => ({ span: spanFrom(typed) }),
  waitUntil: ({ time, weekdays = '' }) => ({ time, weekdays: weekdays === '' ? [] : weekdays.split(',').map(Number) }),
  waitFor: (typed, rule) => ({ awaited: awaitedFrom(typed, rule), limit: spanFrom(typed) }),
  branch: (_, rule) => ({ rule: rule() }),
  tag: ({ tagAct, tag }) => ({ act: tagAct, tag }),
  task: ({ assignee, subject, text, dueDays, each }) => ({ assignee, subject, text: text?.replaceAll('\r\n', '\n'), dueDays: numberOf(dueDays), each }),
  exit: () => ({}),
}; // prettier-ignore

function awaitedFrom({ awaited, signal, taskStep, messageStep, did }: Typed, rule: () => unknown): object {
  if (awaited === 'signal') return { kind: 'signal', signal: orNull(signal) };
  if (awaited === 'task') return { kind: 'task', step: orNull(taskStep) };
  if (awaited === 'message') return { kind: 'message', step: orNull(messageStep), did };
  return { kind: 'rule', rule: rule() };
}

const spanFrom = ({ amount, unit }: Typed): object => ({ amount: numberOf(amount), unit });

const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

/** What was typed as a number; else as it was typed, which no schema takes for one. */
const numberOf = (text = ''): number | string => (/^\s*\d{1,9}\s*$/.test(text) ? Number(text) : text);
