import type { Viewer } from '../access/viewer.ts';
import { isRuleBroken } from '../campaigns/audience/planning.ts';
import { allowMilliseconds } from '../campaigns/audience/planning.queries.ts';
import { now } from '../platform/clock.ts';
import { sql, transaction } from '../platform/db.ts';
import { Conflict } from '../platform/errors.ts';
import type { Catalog } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';
import { wholeCatalog } from '../segments/catalog.ts';

import { meeting } from './conditions.queries.ts';
import type { Entry, TrackDefinition } from './definition.ts';
import * as queries from './dry-run.queries.ts';
import { type Brought, houseZone, listed, stage } from './entering.ts';
import { countRefused, sampleLeft, type Sampled } from './entering.queries.ts';
import { flowOf, type Stop } from './flow.ts';
import { trackSeenBy } from './tracks.ts';

/** Who would enter a track now, and how far: nothing is kept of it. */
export interface DryRun {
  entering: { count: number; skipped: Record<string, number>; sample: Sampled[] };
  /** How many would come to each step, and where they would go on, as things are now; waits count as over, what is waited for as it is now. */
  steps: Record<string, { reached: number; then?: number; otherwise?: number }>;
  asOf: Date;
}

/** Tries the newest version of a track on the people as they are. @throws NotFound; Conflict for a rule that cannot be asked any more */
export async function dryRun(viewer: Viewer, trackId: string): Promise<DryRun> {
  const { definition } = await trackSeenBy(viewer, trackId);
  return await tryOut(trackId, definition, { within: 60_000 }).catch(asExpected);
}

/**
 * Tries what a track says, or would say, on the people as they are.
 * @param within milliseconds that a statement may take
 * @throws Error of PostgreSQL's (`isRuleBroken`) for a rule that cannot be asked any more
 */
export async function tryOut(
  trackId: string,
  definition: TrackDefinition,
  { within }: { within: number },
): Promise<DryRun> {
  const [catalog, zone, at] = [await wholeCatalog(), await houseZone(), now()];
  const brought = await presentlyBrought(definition.entry);
  return await transaction(async (tx) => {
    await allowMilliseconds(tx, within);
    await stage(tx, { trackId, definition, brought, catalog, zone, at });
    const entering = { ...(await sampleLeft(tx)), skipped: await countRefused(tx) };
    await queries.begin(tx, definition.steps[0]?.key ?? null);
    const steps: DryRun['steps'] = {};
    for (const stop of flowOf(definition).values()) {
      const went = await queries.pass(
        tx,
        { ...stop, step: stop.step.key, ...exitOf(stop) },
        conditionOf(stop, catalog, at),
      );
      const reached = went.then + went.otherwise;
      steps[stop.step.key] = isFork(stop) ? { reached, ...went } : { reached };
    }
    return { entering, steps, asOf: at };
  });
}

/** Of entries that wait for something to happen, those who would come if it had: nobody knows, so nobody. */
async function presentlyBrought(entry: Entry): Promise<Brought> {
  const nobody: Brought = { source: { kind: 'named', personIds: [], accountIds: [] } };
  if (entry.kind === 'rule') return entry.rule === null ? nobody : { rule: entry.rule, entity: 'person' };
  if (entry.kind !== 'segment' || entry.segmentId === null || entry.moment === 'left') return nobody;
  return (await listed(entry.segmentId)) ?? nobody;
}

const isFork = ({ step: { kind } }: Stop): boolean => kind === 'branch' || kind === 'waitFor';

const exitOf = ({ step: { kind }, then, otherwise }: Stop) =>
  kind === 'exit' ? { then: null, otherwise: null } : { then, otherwise };

function conditionOf({ step }: Stop, catalog: Catalog, at: Date) {
  const rule = ruleOf(step);
  if (rule === undefined) return sql`true`;
  return rule === null
    ? sql`false`
    : sql`w.person_id in (${meeting(rule, { accounts: queries.dryAccounts, catalog, now: at })})`;
}

/** What is asked at a step: undefined where all go one way, null for what has not happened yet. */
function ruleOf(step: Stop['step']): Rule | null | undefined {
  if (step.kind === 'branch') return step.rule;
  if (step.kind !== 'waitFor') return undefined;
  return step.awaited.kind === 'rule' ? step.awaited.rule : null;
}

function asExpected(error: unknown): never {
  if (isRuleBroken(error)) throw new Conflict('a rule cannot be asked any more', { cause: error });
  throw error;
}
