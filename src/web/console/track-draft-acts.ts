import type { StepKind } from '../../tracks/definition.ts';

import {
  type Arm,
  arms,
  branches,
  changed,
  type Draft,
  type DraftStep,
  stepOf,
  stepsOf,
  type Typed,
} from './track-draft.ts';

/** Where a step can be put: at an index of the track itself, or of an arm of one of its steps. */
export interface Place {
  /** Undefined for the track itself. */
  of: { id: string; arm: Arm } | undefined;
  index: number;
}

/** `2`, or `s3.then.0`: a place as addresses and buttons name it. */
export const placeName = ({ of, index }: Place): string =>
  of === undefined ? String(index) : `${of.id}.${of.arm}.${String(index)}`;

export function maybePlace(name: string): Place | undefined {
  const [, id, arm, index = ''] = /^(?:([a-z0-9-]{1,40})\.(then|otherwise)\.)?(\d{1,3})$/.exec(name) ?? [];
  if (index === '') return undefined;
  return { of: id === undefined ? undefined : { id, arm: arm as Arm }, index: Number(index) };
}

/** What an act leaves: the draft, and the step that it was about. */
export interface Acted {
  draft: Draft;
  id: string;
}

/** Puts a new step of a kind at a place. @returns undefined where there is no such place */
export function addStep(draft: Draft, kind: StepKind, place: Place): Acted | undefined {
  const id = freshIds(draft, 1)[0] ?? '';
  const step: DraftStep = { id, kind, typed: {}, ...(branches(kind) ? { then: [], otherwise: [] } : {}) };
  const steps = put(draft.steps, [step], place);
  return steps && { draft: { ...draft, steps }, id };
}

/** Takes a step out, and what is in its arms. @returns with the step that stands where it stood, or the one before */
export function removeStep(draft: Draft, id: string): Acted | undefined {
  const place = placeOf(draft, id);
  if (place === undefined) return undefined;
  const steps = changed(draft.steps, id, () => []);
  const around = listAt(steps, place) ?? [];
  const next = around[place.index] ?? around[place.index - 1];
  return { draft: { ...draft, steps }, id: next?.id ?? place.of?.id ?? 'entry' };
}

/** The same step again, right after itself, with all that is in its arms. */
export function duplicateStep(draft: Draft, id: string): Acted | undefined {
  const step = stepOf(draft, id);
  if (step === undefined) return undefined;
  const names = stepsOf([step]).map((one) => one.id);
  const fresh = freshIds(draft, names.length);
  const renamed = new Map(names.map((name, i) => [name, fresh[i] ?? name]));
  const copy = renamedSteps([step], renamed);
  return {
    draft: { ...draft, steps: changed(draft.steps, id, (one) => [one, ...copy]) },
    id: renamed.get(id) ?? id,
  };
}

function renamedSteps(steps: readonly DraftStep[], names: ReadonlyMap<string, string>): DraftStep[] {
  return steps.map(({ id, kind, typed, then, otherwise }) => ({
    id: names.get(id) ?? id,
    kind,
    typed: { ...typed, ...renamedFields(typed, names) },
    ...(branches(kind)
      ? { then: renamedSteps(then ?? [], names), otherwise: renamedSteps(otherwise ?? [], names) }
      : {}),
  }));
}

/** Steps that a step refers to, where they were copied along with it. */
function renamedFields(typed: Typed, names: ReadonlyMap<string, string>): Typed {
  return Object.fromEntries(
    ['taskStep', 'messageStep'].flatMap((field) => {
      const name = names.get(typed[field] ?? '');
      return name === undefined ? [] : [[field, name]];
    }),
  );
}

/**
 * One place up or down, in the order in which a track is read: into the arms of a branch beside it, from one arm to the other, and out
 * again. @returns undefined where there is no further place
 */
export function moveStep(draft: Draft, id: string, by: -1 | 1): Acted | undefined {
  const step = stepOf(draft, id);
  if (step === undefined) return undefined;
  const place = by < 0 ? placeAbove(draft, id) : placeBelow(draft, id);
  return place && putStep(draft, id, place);
}

/** Moves a step to a place of the draft without it. @returns undefined where there is no such place */
function putStep(draft: Draft, id: string, place: Place): Acted | undefined {
  const step = stepOf(draft, id);
  if (step === undefined) return undefined;
  const steps = put(
    changed(draft.steps, id, () => []),
    [step],
    place,
  );
  return steps && { draft: { ...draft, steps }, id };
}

/** Where a step stands, with the steps beside it. */
function surroundings(draft: Draft, id: string) {
  const place = placeOf(draft, id);
  if (place === undefined) return undefined;
  const list = listAt(draft.steps, place) ?? [];
  return { place, above: list[place.index - 1], below: list[place.index + 1] };
}

function placeAbove(draft: Draft, id: string): Place | undefined {
  const here = surroundings(draft, id);
  if (here === undefined) return undefined;
  const { place, above } = here;
  if (above === undefined) return placeBefore(draft, place);
  return branches(above.kind) ? endOf(above, 'otherwise') : { ...place, index: place.index - 1 };
}

/** From the first place of an arm: the end of the arm before, or before the branch itself. */
function placeBefore(draft: Draft, { of }: Place): Place | undefined {
  const parent = of && stepOf(draft, of.id);
  if (parent === undefined) return undefined;
  return of?.arm === 'otherwise' ? endOf(parent, 'then') : placeOf(draft, parent.id);
}

const endOf = (step: DraftStep, arm: Arm): Place => ({
  of: { id: step.id, arm },
  index: (step[arm] ?? []).length,
});

function placeBelow(draft: Draft, id: string): Place | undefined {
  const here = surroundings(draft, id);
  if (here === undefined) return undefined;
  const { place, below } = here;
  if (below === undefined) return placeAfter(draft, place);
  return branches(below.kind)
    ? { of: { id: below.id, arm: 'then' }, index: 0 }
    : { ...place, index: place.index + 1 };
}

/** From the last place of an arm: the beginning of the other arm, or behind the branch. */
function placeAfter(draft: Draft, { of }: Place): Place | undefined {
  if (of === undefined) return undefined;
  if (of.arm === 'then') return { of: { id: of.id, arm: 'otherwise' }, index: 0 };
  const outer = placeOf(draft, of.id);
  return outer && { ...outer, index: outer.index + 1 };
}

export const mayMove = (draft: Draft, id: string, by: -1 | 1): boolean =>
  (by < 0 ? placeAbove(draft, id) : placeBelow(draft, id)) !== undefined;

/** Where a step stands. */
export function placeOf(draft: Draft, id: string): Place | undefined {
  const index = draft.steps.findIndex((step) => step.id === id);
  if (index >= 0) return { of: undefined, index };
  for (const step of stepsOf(draft.steps))
    for (const arm of arms) {
      const within = (step[arm] ?? []).findIndex((one) => one.id === id);
      if (within >= 0) return { of: { id: step.id, arm }, index: within };
    }
  return undefined;
}

function listAt(steps: readonly DraftStep[], { of }: Place): readonly DraftStep[] | undefined {
  if (of === undefined) return steps;
  return stepsOf(steps).find(({ id }) => id === of.id)?.[of.arm];
}

function put(steps: readonly DraftStep[], added: DraftStep[], { of, index }: Place): DraftStep[] | undefined {
  if (of === undefined) return index > steps.length ? undefined : steps.toSpliced(index, 0, ...added);
  const within = listAt(steps, { of, index });
  if (within === undefined || index > within.length) return undefined;
  return changed(steps, of.id, (step) => [{ ...step, [of.arm]: within.toSpliced(index, 0, ...added) }]);
}

/** Names that no step of the draft has: the numbers go on counting. */
function freshIds(draft: Draft, count: number): string[] {
  const taken = stepsOf(draft.steps).map(({ id }) => Number(/^s(\d{1,9})$/.exec(id)?.[1] ?? 0));
  const last = Math.max(0, ...taken);
  return Array.from({ length: count }, (_, i) => `s${String(last + 1 + i)}`);
}
