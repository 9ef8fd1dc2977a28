import { now } from '../../platform/clock.ts';
import type { SyncedObject } from '../../platform/salesforce/mirror/standing.ts';

/** How an object stands, in one word; an error counts above all but a pause, which somebody chose. */
type Standing = 'paused' | 'error' | 'filling' | SyncedObject['phase'];

function standingOf({ isPaused, error, phase, backfill }: SyncedObject): Standing {
  if (isPaused) return 'paused';
  if (error !== null) return 'error';
  return phase === 'live' && backfill.length > 0 ? 'filling' : phase;
}

/** How fast a load goes, and how long it will take at that rate. */
interface Pace {
  rowsPerSecond: number;
  left: { unit: 'seconds' | 'minutes' | 'hours'; count: number };
}

const MEASURED_AFTER_SECONDS = 2;

function paceOf({ phase, rowsLoaded, rowsExpected, loadBegunAt }: SyncedObject): Pace | undefined {
  if (phase !== 'loading' || loadBegunAt === null || rowsExpected === null) return undefined;
  const seconds = (now().getTime() - loadBegunAt.getTime()) / 1000;
  if (seconds < MEASURED_AFTER_SECONDS || rowsLoaded === 0) return undefined;
  const rowsPerSecond = rowsLoaded / seconds;
  return {
    rowsPerSecond: Math.round(rowsPerSecond),
    left: duration(Math.max(0, rowsExpected - rowsLoaded) / rowsPerSecond),
  };
}

function duration(seconds: number): Pace['left'] {
  if (seconds < 90) return { unit: 'seconds', count: Math.ceil(seconds) };
  if (seconds < 5_400) return { unit: 'minutes', count: Math.ceil(seconds / 60) };
  return { unit: 'hours', count: Math.ceil(seconds / 3_600) };
}

/** What is to be done about an error, by Salesforce's code: the first that fits. */
const advices: [RegExp, string][] = [
  [/^INVALID_TYPE/, 'type'],
  [/^INVALID_FIELD|^NO_SUCH_COLUMN/, 'field'],
  [/^INSUFFICIENT_ACCESS|^API_(CURRENTLY_)?DISABLED/, 'access'],
  [/^(REQUEST_LIMIT_EXCEEDED|BUDGET_|HOURLY_CEILING)/, 'budget'],
  [/^(INVALID_SESSION_ID|NO_SESSION|INVALID_LOGIN|ORG_CHANGED|ERROR_HTTP_401)/, 'signIn'],
  [/^(QUERY_TIMEOUT|BULK_)/, 'large'],
  [/^(UNREACHABLE|TIMEOUT|SERVER_UNAVAILABLE|ERROR_HTTP_(420|429|5)|UNKNOWN_EXCEPTION)/, 'passing'],
];

const adviceOf = (error: string | null): string | undefined =>
  error === null ? undefined : (advices.find(([code]) => code.test(error))?.[1] ?? 'other');

/** An object of the sync as its page shows it. */
export function shownObject(object: SyncedObject) {
  return {
    ...object,
    standing: standingOf(object),
    pace: paceOf(object),
    advice: adviceOf(object.error),
  };
}
