import type { Step } from '../../src/tracks/definition.ts';

/*
 * A track as one would explain it: person by person, the tree walked by hand. Rules are about titles alone, so that they can be looked up here.
 */

const DAY = 86_400_000;

export interface Person {
  title: string;
  isThere: boolean;
  /** Signals that came to them or their account. */
  signals: { kind: string; at: number }[];
}

export interface Walker {
  entry: number;
  enteredAt: number;
  steps: readonly Step[];
  state: 'in' | 'done' | 'left';
  reason: string | null;
  at: { key: string; since: number } | null;
  endedAt: number | null;
  passed: { key: string; outcome: string }[];
}

export interface Exits {
  while: string | null;
  goal: string | null;
}

const span = { minutes: 60_000, hours: 3_600_000, days: DAY };

/** The title that a rule of these tests asks for. */
export const titleIn = (rule: unknown): string => (rule as { value: string[] }).value[0] ?? '';

/** Everybody's own copy of the way from here: what is left of each list, the innermost first. */
function pathTo(key: string, steps: readonly Step[]): Step[][] | undefined {
  for (const [index, step] of steps.entries()) {
    if (step.key === key) return [steps.slice(index)];
    if (step.kind !== 'branch' && step.kind !== 'waitFor') continue;
    for (const arm of [step.then, step.otherwise]) {
      const inner = pathTo(key, arm);
      if (inner !== undefined) return [...inner, steps.slice(index + 1)];
    }
  }
  return undefined;
}

const firstOf = (lists: readonly (readonly Step[])[]): Step | undefined => lists.flat()[0];

/** Goes on with somebody as far as they can at this moment. */
export function walk(walker: Walker, person: Person, exits: Exits, now: number): void {
  while (walker.at !== null) {
    const reason = whyLeave(person, exits);
    if (reason !== undefined) end(walker, 'left', reason, now);
    else if (!goOn(walker, walker.at, person, now)) return;
  }
}

/** One step on. @returns whether it could be done */
function goOn(walker: Walker, at: { key: string; since: number }, person: Person, now: number): boolean {
  const [list, ...outer] = pathTo(at.key, walker.steps) ?? [];
  const step = list?.[0];
  if (list === undefined || step === undefined) throw new Error(`nobody knows ${at.key}`);
  const outcome = outcomeOf(step, at.since, person, now);
  if (outcome === undefined) return false;
  walker.passed.push({ key: step.key, outcome });
  const next = outcome === 'exit' ? undefined : firstOf([armOf(step, outcome), list.slice(1), ...outer]);
  if (next === undefined) end(walker, 'done', null, now);
  else walker.at = { key: next.key, since: now };
  return true;
}

function end(walker: Walker, state: 'done' | 'left', reason: string | null, now: number): void {
  Object.assign(walker, { state, reason, at: null, endedAt: now });
}

function whyLeave(person: Person, exits: Exits): string | undefined {
  if (!person.isThere) return 'gone';
  if (exits.goal !== null && person.title === exits.goal) return 'goal';
  return exits.while !== null && person.title !== exits.while ? 'rule' : undefined;
}

function armOf(step: Step, outcome: string): readonly Step[] {
  if (step.kind !== 'branch' && step.kind !== 'waitFor') return [];
  return outcome === 'then' || outcome === 'held' ? step.then : step.otherwise;
}

function outcomeOf(step: Step, since: number, person: Person, now: number): string | undefined {
  switch (step.kind) {
    case 'wait':
      return now >= since + step.span.amount * span[step.span.unit] ? 'waited' : undefined;
    case 'branch':
      return person.title === titleIn(step.rule) ? 'then' : 'otherwise';
    case 'waitFor':
      if (hasCome(step, since, person)) return 'held';
      return now >= since + step.limit.amount * span[step.limit.unit] ? 'timed_out' : undefined;
    case 'exit':
      return 'exit';
    case 'send':
      return 'handed_over';
    default:
      throw new Error(`the reference does not know ${step.kind}`);
  }
}

function hasCome({ awaited }: Extract<Step, { kind: 'waitFor' }>, since: number, person: Person): boolean {
  if (awaited.kind === 'rule') return person.title === titleIn(awaited.rule);
  return person.signals.some(
    ({ kind, at }) => awaited.kind === 'signal' && kind === awaited.signal && at > since,
  );
}

/** Whether somebody enters now. */
export function mayEnter(
  earlier: readonly Walker[],
  person: Person,
  { exits, again, now }: { exits: Exits; again: 'never' | number; now: number },
): boolean {
  if (whyLeave(person, exits) !== undefined || earlier.some(({ state }) => state === 'in')) return false;
  const last = Math.max(...earlier.map(({ endedAt }) => endedAt ?? 0));
  return earlier.length === 0 || (again !== 'never' && last <= now - again * DAY);
}
