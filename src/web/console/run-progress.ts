import type { ListedRun, ShownRun } from '../../campaigns/runs/runs.ts';
import { now } from '../../platform/clock.ts';

/** How far a run is, in people. */
export interface Progress {
  total: number;
  waiting: number;
  settled: number;
  sent: number;
  /** Of a dry run: who would have got it. They are none of those left out. */
  would: number;
  skipped: number;
  failed: number;
  doubt: number;
  opened: number;
  clicked: number;
}

type Counted = Pick<ListedRun, 'counts' | 'audienceCount'>;

export const countOf = ({ counts }: Pick<Counted, 'counts'>, name: string): number => counts[name] ?? 0;

export function progressOf(run: Counted): Progress {
  const [waiting, sent, skipped, failed, doubt] = ['planned', 'sent', 'skipped', 'failed', 'doubt'].map((name) => countOf(run, name)) as [number, number, number, number, number]; // prettier-ignore
  const would = countOf(run, 'skipped:dry_run');
  const settled = sent + skipped + failed;
  const total = settled + waiting + doubt;
  return {
    total,
    waiting,
    settled,
    sent,
    would,
    skipped: skipped - would,
    failed,
    doubt,
    opened: countOf(run, 'opened'),
    clicked: countOf(run, 'clicked'),
  };
}

export const isUnderWay = ({ state }: Pick<ListedRun, 'state'>): boolean =>
  ['triggered', 'planned', 'sending'].includes(state);

/** A length of time in its largest unit, rounded up: for “about 3 minutes”. */
export interface Span {
  unit: 'seconds' | 'minutes' | 'hours' | 'days';
  count: number;
}

export function spanOf(seconds: number): Span {
  const units = [['days', 86_400], ['hours', 3600], ['minutes', 60]] as const; // prettier-ignore
  const [unit, length] = units.find(([, each]) => seconds >= 1.5 * each) ?? (['seconds', 1] as const);
  return { unit, count: Math.max(1, Math.round(seconds / length)) };
}

/** What a run's page says of its course: in which words, how many people a second, and how long it still takes or took. */
export interface Course {
  word: 'planning' | 'sending' | 'trial' | 'cohorts' | 'later' | 'paused' | 'completed' | 'cancelled';
  share: number;
  rate: number | undefined;
  left: Span | undefined;
  took: Span | undefined;
}

/** @param perSecond people settled a second of late */
export function courseOf(run: ShownRun, perSecond: number): Course {
  const progress = progressOf(run);
  const share = progress.total === 0 ? 0 : progress.settled / progress.total;
  const isMoving = isUnderWay(run) && run.pausedAt === null && perSecond > 0 && !isHeldBack(run);
  return {
    word: wordOf(run),
    share,
    rate: isMoving ? Math.max(1, Math.round(perSecond)) : undefined,
    left: isMoving ? leftOf(run, progress.waiting / perSecond) : undefined,
    took:
      run.endedAt === null ? undefined : spanOf((run.endedAt.getTime() - run.triggeredAt.getTime()) / 1000),
  };
}

/** Nobody knows how long it takes while others wait for a variant or for their cohort. */
const leftOf = ({ batches }: ShownRun, seconds: number): Span | undefined =>
  seconds > 0 && (batches.waiting ?? 0) === 0 ? spanOf(seconds) : undefined;

function wordOf(run: ShownRun): Course['word'] {
  if (run.state === 'completed' || run.state === 'cancelled') return run.state;
  if (run.pausedAt !== null) return 'paused';
  if (run.plannedAt === null) return 'planning';
  if (isHeldBack(run)) return run.fixed.policy.rollout ? 'cohorts' : 'trial';
  return waitsForItsHour(run) ? 'later' : 'sending';
}

/** Nothing goes out until a variant is chosen for those who wait, or the next cohort is let go. */
const isHeldBack = ({ batches }: ShownRun): boolean =>
  (batches.waiting ?? 0) > 0 && (batches.ready ?? 0) === 0 && (batches.sending ?? 0) === 0;

function waitsForItsHour({ batches, lastDueAt }: ShownRun): boolean {
  const isIdle = (batches.ready ?? 0) > 0 && (batches.sending ?? 0) === 0;
  return isIdle && lastDueAt !== null && lastDueAt > now();
}
