import { forStaff, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db, sql, transaction, type Tx } from '../platform/db.ts';
import { Invalid, NotFound } from '../platform/errors.ts';
import type { Events } from '../platform/events.ts';
import { enqueue } from '../platform/jobs.ts';
import { log } from '../platform/log.ts';
import '../platform/salesforce/mirror/changes.ts';
import { seal, unseal } from '../platform/sealed.ts';

import * as queries from './erasure.queries.ts';
import { gather, requireAdmin, type Subject, subjectOf } from './erasure-subject.ts';
import * as sweep from './erasure-sweep.queries.ts';

/* Somebody asks to be forgotten. What is held about them goes in one transaction: rows that were theirs are emptied, and wherever else
   a text names them the name is struck out. Salesforce is the system of record: what it holds only its own people can delete, so the
   mirror keeps empty rows of those records and reads them no more. Hashes stay, by which somebody who comes back is known. */

declare module '../platform/jobs.ts' {
  interface Jobs {
    erase_person: { id: string };
  }
}

/** What somebody still has to do in Salesforce: records of one object that tell of the person. */
export interface ToDo {
  sobject: string;
  ids: string[];
  /** Records of others, still in use, in which the person is named: what they say comes back with the next sync until it is mended there. */
  returns?: true;
}

/** An erasure as administrators see it; nothing in it says who it was. */
export interface Erasure {
  id: string;
  askedBy: string;
  askedAt: Date;
  finishedAt: Date | null;
  /** Rows by table that were emptied or changed. */
  counts: Record<string, number>;
  toDo: ToDo[];
}

/** Why somebody cannot be erased now. */
export type Obstacle = 'staff' | 'openCases';

/** What stands in the way: a member of staff is one by Salesforce's word, and an open case still has to be answered. */
export async function obstaclesTo(subject: Subject): Promise<Obstacle[]> {
  const openCases = await queries.countOpenCases(subject);
  return [...(subject.isStaff ? ['staff' as const] : []), ...(openCases > 0 ? ['openCases' as const] : [])];
}

/**
 * Has somebody erased, once their key was typed as a confirmation. From now on nothing of theirs comes in; the rest is done by a job, since it
 * looks at every table.
 * @returns the erasure's id
 * @throws Invalid when something stands in the way or the confirmation is another; NotFound
 */
export async function askErasure(
  viewer: StaffViewer,
  { key, typed }: { key: string; typed: string },
): Promise<string> {
  const subject = await subjectOf(viewer, key);
  if (typed.trim().toLowerCase() !== key.toLowerCase()) throw new Invalid({ typed: 'erasure.notTheSame' });
  const [obstacle] = await obstaclesTo(subject);
  if (obstacle !== undefined) throw new Invalid({ form: `erasure.obstacles.${obstacle}` });
  return await transaction(async (tx) => {
    const id = await queries.insertErasure(tx, { by: viewer.name, at: now(), sealed: seal(key) });
    await queries.keepHashes(tx, id, [...subject.emails, ...subject.externalIds, ...subject.anonymousIds]);
    await enqueue(tx, 'erase_person', { id }, { key: `erase_person:${id}`, queue: 'erasure' });
    log.info({ erasure: id, by: viewer.personId }, 'an erasure was asked for');
    return id;
  });
}

/** A job: erases in one transaction. Done twice, it finds nothing left to do. */
export async function erasePerson({ id }: { id: string }): Promise<void> {
  const counts = await transaction(async (tx) => {
    await sql`set local statement_timeout to '60min'`.execute(tx);
    await sql`set local rapport.erasing to 'yes'`.execute(tx);
    const sealed = await queries.takeSealed(tx, id);
    const key = sealed === undefined ? undefined : unseal(sealed);
    if (key === undefined) return undefined;
    return await eraseAll(tx, id, await gather(key));
  });
  if (counts !== undefined) log.info({ erasure: id, counts }, 'a person was erased');
}

async function eraseAll(tx: Tx, id: string, subject: Subject): Promise<Record<string, number>> {
  const own = await queries.recordsOf(tx, subject);
  await queries.keepTombstones(tx, id, own);
  const { finished, living } = await queries.mentionsOf(tx, subject);
  await queries.keepTombstones(tx, id, finished);
  const toDo = [...own, ...finished, ...living.map((each) => ({ ...each, returns: true as const }))];
  await queries.dropUnsent(tx, subject);
  const emptied = await queries.emptyRows(tx, subject);
  const struck = await sweep.strikeOut(tx, subject);
  const counts = { ...emptied };
  for (const [table, rows] of Object.entries(struck)) counts[table] = (counts[table] ?? 0) + rows;
  await queries.finish(tx, id, { counts, toDo, at: now() });
  return counts;
}

/** The newest erasures; only for administrators. */
export async function erasures(viewer: StaffViewer): Promise<Erasure[]> {
  requireAdmin(viewer);
  return await queries.selectErasures(forStaff(viewer));
}

/** @throws NotFound; Forbidden */
export async function erasureSeenBy(viewer: StaffViewer, id: string): Promise<Erasure> {
  requireAdmin(viewer);
  const found = await queries.selectErasure(forStaff(viewer), id);
  if (found === undefined) throw new NotFound();
  return found;
}

/** A reaction: whoever was erased and comes back with another record of Salesforce is emptied there, too. */
export async function forgetReturned({ table, batch }: Events['mirror.changed']): Promise<void> {
  if ((table === 'contacts' || table === 'leads') && (await queries.isAnybodyErased(db)))
    await transaction((tx) => queries.emptyReturned(tx, table, sql`select row_id from mirror_changes where batch = ${batch}`));
} // prettier-ignore

/** The same after a whole table was loaded. */
export async function forgetReturnedLoad({ table }: { table: string }): Promise<void> {
  if ((table === 'contacts' || table === 'leads') && (await queries.isAnybodyErased(db)))
    await transaction((tx) => queries.emptyReturned(tx, table));
}
