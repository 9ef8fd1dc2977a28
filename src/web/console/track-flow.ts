import { translator } from '../../platform/words.ts';

import { type Arm, arms, branches, type Draft, type DraftStep, type Edge, stepsOf } from './track-draft.ts';
import { placeName } from './track-draft-acts.ts';
import { againTold, entryTold, leaveTold, type Names, stepName, stepTold } from './track-told.ts';

const t = translator('en', 'console');

/** A step as it is drawn. */
export interface FlowStep {
  id: string;
  kind: DraftStep['kind'];
  number: number;
  /** `3. Wait` */
  name: string;
  told: string;
  /** What is wrong with it, or still missing. */
  problem: Problem | undefined;
  /** The place right behind it. */
  after: string;
  arms: FlowArm[];
}

export interface FlowArm {
  arm: Arm;
  label: string;
  /** The place at its beginning. */
  first: string;
  steps: FlowStep[];
}

export interface FlowEdge {
  id: Edge;
  name: string;
  told: string;
  /** Besides: whether somebody may come again. */
  note: string | undefined;
  problem: Problem | undefined;
}

/** A track as it is drawn, from top to bottom. */
export interface Flow {
  entry: FlowEdge;
  leave: FlowEdge;
  first: string;
  steps: FlowStep[];
  count: number;
}

/** A locale key; wrong is what cannot be saved, the rest what it cannot be approved without. */
export interface Problem {
  key: string;
  isWrong: boolean;
}
export type Problems = ReadonlyMap<string, Problem>;

export function flowOf(draft: Draft, names: Names, problems: Problems = new Map()): Flow {
  const all = stepsOf(draft.steps);
  const numbers = new Map(all.map(({ id }, i) => [id, i + 1]));
  const stepsIn = (steps: readonly DraftStep[], of?: { id: string; arm: Arm }): FlowStep[] =>
    steps.map((step, index) => {
      const number = numbers.get(step.id) ?? 0;
      return {
        id: step.id, kind: step.kind, number, name: stepName(step.kind, number), told: stepTold(step, names),
        problem: problems.get(step.id), after: placeName({ of, index: index + 1 }), arms: armsOf(step),
      }; // prettier-ignore
    });
  const armsOf = (step: DraftStep): FlowArm[] =>
    branches(step.kind)
      ? arms.map((arm) => ({
          arm,
          label: t(`tracks.arms.${step.kind}.${arm}`),
          first: placeName({ of: { id: step.id, arm }, index: 0 }),
          steps: stepsIn(step[arm] ?? [], { id: step.id, arm }),
        }))
      : [];
  return {
    entry: {
      id: 'entry', name: t('tracks.edges.entry'), told: entryTold(draft.entry, names), note: againTold(draft.entry),
      problem: problems.get('entry'),
    },
    leave: {
      id: 'leave', name: t('tracks.edges.leave'), told: leaveTold(draft.leave, names) ?? t('tracks.says.leaveNever'), note: undefined,
      problem: problems.get('leave'),
    },
    first: placeName({ of: undefined, index: 0 }),
    steps: stepsIn(draft.steps),
    count: all.length,
  }; // prettier-ignore
}
