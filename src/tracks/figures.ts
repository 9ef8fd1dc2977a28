import { forStaff, type Viewer } from '../access/viewer.ts';
import { db } from '../platform/db.ts';

import { selectCounts } from './counts.queries.ts';
import { everyStep } from './definition.ts';
import * as queries from './figures.queries.ts';
import type { ShownTrack, StepFigures } from './tracks.ts';

/** What became of people in a track, step by step, from counters alone. */
export async function stepFunnel(
  viewer: Viewer,
  { id, activeDefinition, definition }: Pick<ShownTrack, 'id' | 'activeDefinition' | 'definition'>,
): Promise<StepFigures[]> {
  const counted = (await selectCounts(db, [id])).get(id) ?? {};
  const sent = await queries.selectStepRuns(forStaff(viewer), id);
  const placed = everyStep((activeDefinition ?? definition).steps);
  const known = new Set(placed.map(({ step }) => step.key));
  const former = Object.keys(counted)
    .filter((name) => name.startsWith('came:'))
    .map((name) => name.slice('came:'.length))
    .filter((key) => !known.has(key))
    .sort();
  const figures = (key: string) => ({ ...figuresOf(counted, key), counts: sent.get(key) ?? {} });
  return [
    ...placed.map(({ step, depth }) => ({ key: step.key, kind: step.kind, depth, ...figures(step.key) })),
    ...former.map((key) => ({ key, kind: null, depth: 1, ...figures(key) })),
  ];
}

function figuresOf(counted: Readonly<Record<string, number>>, key: string) {
  const prefix = `outcome:${key}:`;
  const outcomes = Object.entries(counted).filter(([name]) => name.startsWith(prefix));
  return {
    entered: counted[`came:${key}`] ?? 0,
    here: counted[`here:${key}`] ?? 0,
    passed: counted[`passed:${key}`] ?? 0,
    outcomes: Object.fromEntries(outcomes.map(([name, count]) => [name.slice(prefix.length), count])),
  };
}
