import type { z } from 'zod';

import { type Draft, type DraftStep, stepOf, type Typed } from './track-draft.ts';

/** What is wrong with a track: locale keys by place (`entry`, `leave` or a step's key) and field; of no place in particular under ''. */
export type Wrong = Map<string, Typed>;

/** Ties what a definition's schema says to the step and the field in which it was typed. */
export function errorsOf(issues: readonly z.core.$ZodIssue[], draft: Draft): Wrong {
  const wrong: Wrong = new Map();
  for (const { path, message } of issues) {
    const { id, rest } = placed(path, draft);
    const field = fieldNamed(rest, stepOf(draft, id)?.typed.awaited);
    note(wrong, { id, field, key: keyOf(message, field) });
  }
  return wrong;
}

/** Adds an error, unless its field has one already. */
export function note(wrong: Wrong, { id, field, key }: { id: string; field: string; key: string }): void {
  wrong.set(id, { [field]: key, ...wrong.get(id) });
}

type Path = readonly PropertyKey[];

/** Whose an issue is, and where within it: `['steps', 1, 'then', 0, 'span', 'amount']`. */
function placed(path: Path, draft: Draft): { id: string; rest: Path } {
  const [first, ...rest] = path;
  if (first === 'exits') return { id: 'leave', rest };
  if (first === 'steps') return placedWithin(rest, draft.steps, '');
  return { id: first === 'entry' || first === 'who' || first === 'again' ? 'entry' : '', rest: path };
}

/** Down the arms, as far as the path names steps. */
function placedWithin(path: Path, steps: readonly DraftStep[], parent: string): { id: string; rest: Path } {
  const [index, arm, ...inner] = path;
  const step = typeof index === 'number' ? steps[index] : undefined;
  if (step === undefined) return { id: parent, rest: path };
  if (arm === 'then' || arm === 'otherwise') return placedWithin(inner, step[arm] ?? [], step.id);
  return { id: step.id, rest: path.slice(1) };
}

const names: Record<string, string> = {
  again: 'againDays',
  act: 'tagAct',
  span: 'amount',
  limit: 'amount',
  while: 'rule',
  who: 'rule',
};

/** The field of the form in which a part of the definition is typed. */
function fieldNamed(path: Path, awaited: string | undefined): string {
  const last = path.findLast((part) => typeof part === 'string') ?? 'form';
  if (last === 'step') return awaited === 'task' ? 'taskStep' : 'messageStep';
  return names[last] ?? last;
}

/** A schema's own words are no key: then the field says what belongs into it. */
const keyOf = (message: string, field: string): string =>
  /^[a-z][\w-]*(\.[\w-]+)+$/i.test(message) ? message : (byField[field] ?? 'errors.invalid');

const byField: Record<string, string> = {
  amount: 'tracks.errors.span',
  againDays: 'tracks.errors.days',
  dueDays: 'tracks.errors.dueDays',
  subject: 'errors.tooLong',
  text: 'errors.tooLong',
  time: 'tracks.errors.time',
};
