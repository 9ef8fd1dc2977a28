import { hasArms, millisecondsOf, type Step, type StepKind, type TrackDefinition } from './definition.ts';

/** A step with where it leads: keys of steps, null for the end of the track. */
export interface Stop {
  step: Step;
  next: string | null;
  /** Of branches and waits for something; `next` is what comes after both. */
  then: string | null;
  otherwise: string | null;
}

/** The steps of a definition as somebody walks them: after an arm, what follows its branch. */
export function flowOf({ steps }: Pick<TrackDefinition, 'steps'>): Map<string, Stop> {
  return new Map(stopsOf(steps, null).map((stop) => [stop.step.key, stop]));
}

function stopsOf(steps: readonly Step[], after: string | null): Stop[] {
  return steps.flatMap((step, index) => {
    const next = steps[index + 1]?.key ?? after;
    if (!hasArms(step)) return [{ step, next, then: next, otherwise: next }];
    const [then, otherwise] = [step.then, step.otherwise];
    return [
      { step, next, then: then[0]?.key ?? next, otherwise: otherwise[0]?.key ?? next },
      ...stopsOf(then, next),
      ...stopsOf(otherwise, next),
    ];
  });
}

/** A version of a track as people go through it. */
export interface Version {
  version: number;
  definition: TrackDefinition;
  flow: Map<string, Stop>;
}

export const versionOf = (version: number, definition: TrackDefinition): Version => ({
  version,
  definition,
  flow: flowOf(definition),
});

/** What SQL is told of a step: by which version, of what kind, and where it leads. */
export interface StopRow {
  version: number;
  key: string;
  kind: StepKind;
  next: string | null;
  arm_then: string | null;
  arm_otherwise: string | null;
  /** How long to wait at most. */
  ms: number | null;
  clock: string | null;
  weekdays: number[];
}

export const rowsOf = ({ version, flow }: Version): StopRow[] =>
  [...flow.values()].map(({ step, next, then, otherwise }) => ({
    version,
    key: step.key,
    kind: step.kind,
    next,
    arm_then: then,
    arm_otherwise: otherwise,
    ms: spanOf(step),
    clock: step.kind === 'waitUntil' ? step.time : null,
    weekdays: step.kind === 'waitUntil' ? step.weekdays : [],
  }));

function spanOf(step: Step): number | null {
  if (step.kind === 'wait') return millisecondsOf(step.span);
  return step.kind === 'waitFor' ? millisecondsOf(step.limit) : null;
}

/**
 * By which version somebody who came to a step by an older one goes on: the active one where it has the step, else their own.
 * @returns undefined when neither knows it
 */
export function stopFor(
  { version, step }: { version: number; step: string },
  active: Version,
  former: ReadonlyMap<number, Version>,
): { by: Version; stop: Stop } | undefined {
  for (const by of [active, former.get(version)]) {
    const stop = by?.flow.get(step);
    if (by !== undefined && stop !== undefined) return { by, stop };
  }
  return undefined;
}
