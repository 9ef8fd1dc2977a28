import '../health/events.ts';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db, sql, transaction, type Tx } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import { enqueue } from '../platform/jobs.ts';
import { log } from '../platform/log.ts';
import type { Catalog } from '../rules/fields.ts';
import { isCondition, partsOf, type Condition, type Rule } from '../rules/rules.ts';
import { wholeCatalog } from '../segments/catalog.ts';

import * as definitions from './definitions.queries.ts';
import type { Definition } from './definitions.ts';
import * as queries from './milestones.queries.ts';
import { seeds } from './seeded.ts';
import { tellInsights } from './telling.ts';

/* A milestone is reached when the rule of its definition holds of an account. What was reached, the insight of it and its row in the
   outbox are one transaction: whatever dies, an account and a definition have told once, or not yet. */

declare module '../platform/jobs.ts' {
  interface Jobs {
    note_milestones: Record<string, never>;
  }
}

/** A condition of the rule with what its field was when the milestone was reached; money in minor units, days as YYYY-MM-DD. */
export interface Evidence {
  condition: Condition;
  value: string | number | boolean | string[] | null;
}

/** Something that an account has reached. */
export interface Milestone {
  definitionId: string;
  name: string;
  reachedAt: Date;
  /** The rule no longer holds since; only kept where a definition tells again. */
  lapsedAt: Date | null;
  times: number;
  /** Reached before anybody looked: the day is when Rapport first saw it. */
  wasThere: boolean;
  evidence: Evidence[];
}

/** What an account has reached, the newest first. */
export async function milestonesOf(viewer: Viewer, accountId: string): Promise<Milestone[]> {
  return await queries.selectMilestones(forStaff(viewer), accountId);
}

/** A job: holds every account against every definition. One that cannot be asked keeps no other from it. */
export async function noteMilestones(): Promise<void> {
  if (await queries.isLoading()) return;
  await transaction((tx) => definitions.insertSeeds(tx, seeds, now()));
  await holdAgainstAll(undefined);
}

/** Beyond that many accounts the next full look is soon enough. */
const MANY = 5_000;

/** A reaction: the accounts whose health has just changed are held against the definitions at once. */
export async function noteMilestonesAfter({ batch, accounts }: Events['health.changed']): Promise<void> {
  const isFirst = (await definitions.selectCurrent(db)).every(({ begunAt }) => begunAt === null);
  if (isFirst || accounts > MANY) {
    await transaction((tx) =>
      enqueue(tx, 'note_milestones', {}, { key: 'note_milestones', queue: 'milestones' }),
    );
    return;
  }
  await holdAgainstAll(sql`select account_id from health_history where batch = ${batch}`);
}

async function holdAgainstAll(among: queries.Among | undefined): Promise<void> {
  const catalog = await wholeCatalog();
  for (const definition of await definitions.selectCurrent(db)) {
    /* A new rule is held against all accounts first: who was there before has reached nothing now. */
    if (among !== undefined && definition.begunAt === null) continue;
    try {
      await transaction((tx) => holdAgainst(tx, definition, { catalog, among }));
    } catch (error) {
      if (!isAboutTheRule(error)) throw error;
      log.error({ err: error, definition: definition.id }, 'a milestone could not be looked at');
    }
  }
}

/** What PostgreSQL says against the values in a rule, and against one that takes too long. */
const isAboutTheRule = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(22|42|57014)/.test(String(error.code));

async function holdAgainst(
  tx: Tx,
  { id }: Definition,
  { catalog, among }: { catalog: Catalog; among: queries.Among | undefined },
): Promise<void> {
  const definition = await queries.takeTurn(tx, id);
  if (definition === undefined) return;
  const at = now();
  const question = { entity: 'account' as const, catalog, today: at.toISOString().slice(0, 10), among };
  const reached = await queries.insertReached(tx, { definition, question, at });
  for (let from = 0; from < reached.length; from += AT_ONCE) {
    const some = reached.slice(from, from + AT_ONCE);
    await queries.keepEvidence(tx, {
      definitionId: id,
      question: { ...question, among: queries.these(some) },
      conditions: leavesOf(definition.rule),
      accountIds: some,
    });
    await tellInsights(tx, await queries.insertMilestoneInsights(tx, definition, some), catalog);
  }
  if (among === undefined) await queries.noteLooked(tx, id, at);
}

const AT_ONCE = 1_000;

/** The conditions themselves, in order; not those within them. */
const leavesOf = (rule: Rule): Condition[] => (isCondition(rule) ? [rule] : partsOf(rule).flatMap(leavesOf));
