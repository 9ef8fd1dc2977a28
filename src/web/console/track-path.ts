import { z } from 'zod';

import { NotFound } from '../../platform/errors.ts';
import { translator } from '../../platform/words.ts';
import type { Step } from '../../tracks/definition.ts';
import type { PathEntry, PathStep } from '../../tracks/paths.ts';

import { outcomesOf } from './run-outcomes.ts';
import { type Draft, type DraftStep, stepOf } from './track-draft.ts';
import { placeOf } from './track-draft-acts.ts';
import { draftStepOf } from './track-draft-form.ts';
import { type Names, placeTold, stepTold } from './track-told.ts';

const t = translator('en', 'console');

/** @throws NotFound when a path's parameter cannot be a person's number */
export function personIdOf(parameter: unknown): number {
  const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(parameter);
  if (!id.success) throw new NotFound();
  return id.data;
}

interface Way {
  draft: Draft;
  names: Names;
}

/** The times that somebody went through a track, the latest first, in words. */
export const pathsShown = (entries: readonly PathEntry[], way: Way) =>
  entries
    .map((entry) => ({
      ...entry,
      steps: entry.steps.map((step) => passedShown(step, way)),
      now: entry.now && {
        ...entry.now,
        name: nameOf(entry.now, way),
        told: toldOf(entry.now.step, way),
        next: nextOf(entry.now.key, way),
      },
    }))
    .sort((one, other) => other.entry - one.entry);

function passedShown(passed: PathStep, way: Way) {
  const { delivery, step, outcome } = passed;
  return {
    ...passed,
    name: nameOf(passed, way),
    told: toldOf(step, way),
    did: outcomeTold(outcome, step),
    delivery: delivery && outcomesOf(delivery),
  };
}

/** Which way a branch went is told by the words of its arms, and by what was asked. */
function outcomeTold(outcome: string, step: Step | null): string {
  const isBranch = step?.kind === 'branch' && (outcome === 'then' || outcome === 'otherwise');
  return isBranch
    ? t(`tracks.outcomes.branch.${outcome}`)
    : t(`tracks.outcomes.${outcome}`, { defaultValue: outcome });
}

const nameOf = ({ key, kind }: { key: string; kind: DraftStep['kind'] | null }, { draft }: Way): string =>
  stepOf(draft, key) !== undefined || kind === null ? placeOrGone(draft, key) : t(`tracks.kinds.${kind}`);

const placeOrGone = (draft: Draft, key: string): string =>
  stepOf(draft, key) === undefined ? t('tracks.says.goneStep') : placeTold(draft, key);

const toldOf = (step: Step | null, { names }: Way): string =>
  step === null ? '' : stepTold(draftStepOf(step), names);

/** What comes after the step at which somebody is: one way on, or one for each arm. */
function nextOf(
  key: string,
  { draft, names }: Way,
): { arm: string | undefined; name: string; told: string }[] {
  const step = stepOf(draft, key);
  if (step === undefined) return [];
  const shown = (next: DraftStep | undefined, arm?: string) => ({
    arm,
    name: next === undefined ? t('tracks.edges.end') : placeTold(draft, next.id),
    told: next === undefined ? '' : stepTold(next, names),
  });
  if (step.then === undefined) return [shown(behind(draft, key))];
  return (['then', 'otherwise'] as const).map((arm) =>
    shown(step[arm]?.[0] ?? behind(draft, key), t(`tracks.arms.${step.kind}.${arm}`)),
  );
}

/** The step that is reached when this one, with its arms, is done. */
function behind(draft: Draft, key: string): DraftStep | undefined {
  const place = placeOf(draft, key);
  if (place === undefined) return undefined;
  const list = place.of === undefined ? draft.steps : stepOf(draft, place.of.id)?.[place.of.arm];
  return list?.[place.index + 1] ?? (place.of === undefined ? undefined : behind(draft, place.of.id));
}
