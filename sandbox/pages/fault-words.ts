import type { Fault } from '../control/faults.ts';

/** A fault as people read it. */
export interface ToldFault {
  id: number;
  name: string | undefined;
  hits: number;
  matched: number;
  /** What it strikes. */
  where: string;
  /** What it does. */
  what: string;
}

/** Says what a fault strikes and what it does. */
export const tellFault = ({ id, name, hits, matched, match, effect }: Fault): ToldFault => ({
  id,
  name,
  hits,
  matched,
  where: `${subjectOf(effect)}${placeOf(match)}${turnOf(match)}`,
  what: effectOf(effect),
});

function subjectOf(effect: Fault['effect']): string {
  if (effect.rows) return 'saves';
  return effect.job ? 'Bulk jobs' : 'requests';
}

function placeOf({ method, path, object }: Fault['match']): string {
  const parts = [
    method && ` by ${method.toUpperCase()}`,
    path && ` to ${path}`,
    object && ` about ${object}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join('') : ' of any kind';
}

function turnOf({ nth, times, every, probability }: Fault['match']): string {
  const parts = [
    nth !== undefined && `from number ${String(nth)}`,
    every !== undefined && `every ${ordinal(every)}`,
    probability !== undefined && `${String(Math.round(probability * 100))} in 100 by chance`,
    times !== undefined && `${String(times)} ${times === 1 ? 'time' : 'times'} at most`,
  ].filter((part) => part !== false);
  return parts.map((part) => `, ${part}`).join('');
}

/** 2nd, 3rd, 11th */
function ordinal(number: number): string {
  const isTeen = number % 100 > 10 && number % 100 < 14;
  const ending = isTeen ? undefined : { 1: 'st', 2: 'nd', 3: 'rd' }[number % 10];
  return `${String(number)}${ending ?? 'th'}`;
}

type Effect = Fault['effect'];

function effectOf(effect: Effect): string {
  const parts = [
    effect.latencyMs !== undefined && `wait ${String(effect.latencyMs)} ms`,
    effect.drop && 'lose their connection before any work',
    effect.dropAfterCommit && 'are done, then lose their connection',
    effect.session && 'find their session ended',
    effect.locator && 'find their locator gone',
    effect.truncate && truncationOf(effect.truncate),
    effect.rows && rowsOf(effect.rows),
    effect.job && jobOf(effect.job),
    answerOf(effect),
  ].filter((part) => typeof part === 'string');
  return parts.join(', ');
}

function answerOf({ status, errorCode }: Effect): string | undefined {
  if (status === undefined && errorCode === undefined) return undefined;
  return `are answered ${[status, errorCode].filter((part) => part !== undefined).join(' ')}`;
}

function truncationOf({ bytes, share = 0.5, quiet }: NonNullable<Effect['truncate']>): string {
  const end = bytes === undefined ? `${String(Math.round(share * 100))} % of it` : `${String(bytes)} bytes`;
  return `get an answer that ends after ${end}${quiet ? ' as if that were all' : ''}`;
}

function rowsOf({ count, records, errorCode }: NonNullable<Effect['rows']>): string {
  const which = records
    ? `rows that name ${records.join(', ')}`
    : count === undefined
      ? 'every row'
      : `${String(count)} ${count === 1 ? 'row' : 'rows'} of each`;
  return `refuse ${which} with ${errorCode}`;
}

function jobOf(job: NonNullable<Effect['job']>): string {
  const parts = [
    job.delayMs !== undefined && `begin after ${String(job.delayMs)} ms`,
    job.rowsPerSecond !== undefined && `do ${String(job.rowsPerSecond)} rows a second`,
    job.failAfter !== undefined && `fail after ${String(job.failAfter)} rows`,
    job.abortAfter !== undefined && `are aborted after ${String(job.abortAfter)} rows`,
    job.loseResults && 'lose their results',
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}
