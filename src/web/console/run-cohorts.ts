import type { CohortCourse } from '../../campaigns/results/cohort-course.ts';
import type { ShownRun } from '../../campaigns/runs/runs.ts';

/** How many batches are in which state; those of cohorts wait for something else than those of a trial. */
export const batchesOf = ({ batches, fixed }: ShownRun) =>
  Object.entries(batches).map(([state, count]) => ({
    state: state === 'waiting' && fixed.policy.rollout ? 'waitingForCohort' : state,
    count,
  }));

/** Whether nothing goes on until somebody says so. */
export const isHeld = (cohorts: readonly CohortCourse[]): boolean =>
  cohorts.some(({ isNext, state }) => isNext && state === 'held') && cohorts.every(({ state }) => state !== 'goingOut'); // prettier-ignore

const marks: Record<CohortCourse['state'], readonly [tone: string, drawn: string]> = {
  nobody: ['neutral', 'dash-circle'],
  out: ['success', 'check-circle-fill'],
  goingOut: ['info', 'send'],
  held: ['warning', 'pause-circle-fill'],
  due: ['info', 'clock'],
  waiting: ['neutral', 'hourglass-split'],
  never: ['neutral', 'x-circle'],
  dry: ['neutral', 'eyeglasses'],
};

/** A cohort as the page of its run shows it: what can be done with it, and which figure held it. */
export function cohortShown(cohort: CohortCourse) {
  const { state, isNext, heldDetail, figures } = cohort;
  const [tone, drawn] = marks[state];
  const isOpen = ['held', 'due', 'waiting'].includes(state);
  const over = heldDetail?.over[0];
  return {
    ...cohort, tone, drawn,
    mayLetGo: isOpen && isNext, mayHold: isOpen && state !== 'held', mayResume: state === 'held',
    over: over && { name: over, count: heldDetail[over], of: heldDetail.tried },
    columns: (['sent', 'failed', 'bounced', 'complained', 'unsubscribed'] as const).map((name) => ({ name, count: figures?.[name], of: figures?.tried ?? 0 })),
  }; // prettier-ignore
}
