import { now } from '../../clock.ts';
import { db, sql, transaction } from '../../db.ts';
import { log } from '../../log.ts';

import { type Feature, spending } from '../budget/budget.ts';
import { recordChanges } from './changes.ts';
import type { Readable } from './describe.ts';
import { SalesforceFailure, toFailure } from '../wire/errors.ts';
import { exclusively } from './exclusive.ts';
import { TRAIL } from './load.ts';
import { merge, recordsAsSource } from './merge.ts';
import { type Page, PAGE, query, queryTogether, type SalesforceRecord, TOGETHER } from '../wire/query.ts';
import { literal, select } from '../wire/soql.ts';
import { refetch } from './refetch.ts';
import { type SyncState, updateState } from './states.ts';

/** An object that is live, with how far it has been read. */
export interface Followed {
  readable: Readable;
  state: SyncState;
}

/** The quick poll reads this much again: an answer's clock is a second's, and transactions take a moment to commit. */
const OVERLAP = 5_000;

/**
 * Reads what changed since the last poll, five objects to a call, and goes on where there is more than one answer holds.
 * An object that fails keeps its error in its state; the others go on.
 * Of objects whose changes are `announced` it reads ids and times alone, and whole what the mirror does not have like that.
 * @returns how many rows of the mirror changed.
 */
export async function pollChanges(
  followed: readonly Followed[],
  announced: ReadonlySet<string> = new Set(),
): Promise<number> {
  let changed = 0;
  for (let i = 0; i < followed.length; i += TOGETHER) {
    const { more, times, ...begun } = await exclusively(() =>
      firstPages(followed.slice(i, i + TOGETHER), announced),
    );
    changed += begun.changed;
    for (const { one, page } of more) changed += await within(one, () => follow(one, page));
    for (const { one, page } of times) changed += await within(one, () => followTimes(one, page));
  }
  return changed;
}

/** Takes over the first answer of several objects; tells of which there are more, and which tell times alone. */
async function firstPages(group: readonly Followed[], announced: ReadonlySet<string>) {
  let changed = 0;
  const more: { one: Followed; page: Page }[] = [];
  const times: { one: Followed; page: Page }[] = [];
  const isAnnounced = ({ readable }: Followed) => announced.has(readable.mapping.sobject);
  const readAt = now();
  const answers = await spending(featureOf(group), () =>
    queryTogether(
      group.map((one) => (isAnnounced(one) ? timesAfter(one, sinceSeen(one)) : changesSince(one))),
    ),
  );
  for (const [j, one] of group.entries()) {
    const page = answers[j];
    if (page === undefined) continue;
    changed += await within(one, async () => {
      if (page instanceof SalesforceFailure) throw page;
      if (isAnnounced(one)) times.push({ one, page });
      if (isAnnounced(one)) return 0;
      const count = await applyPage(one, page, readAt);
      if (!isLast(page)) more.push({ one, page });
      return count;
    });
  }
  return { changed, more, times };
}

/** What a call counts as: cases where there is anything of theirs in it. */
function featureOf(group: readonly Followed[]): Feature {
  return group.some(({ readable }) => readable.mapping.pace === 'often') ? 'cases' : 'accounts';
}

/** Runs one object's share of a poll; its refusal must not stop the others. */
export async function within(one: Followed, work: () => Promise<number>): Promise<number> {
  const { readable } = one;
  try {
    return await spending(featureOf([one]), work);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind === 'auth' || failure.kind === 'quota') throw failure;
    if (failure.code === 'INTERNAL')
      log.error({ err: error, sobject: readable.mapping.sobject }, 'a poll failed');
    await noteFailure(readable.mapping.sobject, failure);
    return 0;
  }
}

/** Keeps why an object could not be read, where staff see it. */
export async function noteFailure(sobject: string, error: SalesforceFailure): Promise<void> {
  await updateState(db, sobject, { error: `${error.code}: ${error.message.trim()}`, failed_at: now() });
}

function changesSince({ readable, state }: Followed): string {
  const { cursor } = readable.mapping;
  const conditions = [sinceSeen({ readable, state })];
  return select(readable, { conditions, order: `${cursor}, Id`, limit: PAGE });
}

function sinceSeen({ readable, state }: Followed): string {
  const from = new Date((state.seenAt ?? new Date(0)).getTime() - OVERLAP);
  return `${readable.mapping.cursor} >= ${literal(from)}`;
}

function changesAfter(one: Followed, records: readonly SalesforceRecord[]): string {
  const { cursor } = one.readable.mapping;
  return select(one.readable, { conditions: [after(one, records)], order: `${cursor}, Id`, limit: PAGE });
}

/** Goes on after a page that was taken over; while one page is merged, the next is read. */
function follow(one: Followed, first: Page): Promise<number> {
  return exclusively(async () => {
    let changed = 0;
    for (let coming = read(changesAfter(one, first.records)); ;) {
      const { page, readAt } = await coming;
      if (!isLast(page)) coming = read(changesAfter(one, page.records));
      changed += await applyPage(one, { ...page, at: first.at }, readAt);
      if (isLast(page)) return changed;
    }
  });
}

/** A page on its way; that it fails is met where it is waited for. */
function read(soql: string): Promise<{ page: Page; readAt: Date }> {
  const readAt = now();
  const coming = query(soql).then((page) => ({ page, readAt }));
  coming.catch(() => undefined);
  return coming;
}

/** Compares times since the last poll, and reads what the mirror does not have like that. */
async function followTimes(one: Followed, first: Page): Promise<number> {
  const changed = await refetchDiffering(one, first);
  const { sobject } = one.readable.mapping;
  await updateState(db, sobject, { seen_at: first.at, synced_at: now(), error: null });
  return changed;
}

async function refetchDiffering(one: Followed, first: Page): Promise<number> {
  const { readable } = one;
  let changed = 0;
  for (let page = first; ; page = await query(timesAfter(one, after(one, page.records)))) {
    changed += await refetch(readable, await differing(readable, page.records));
    if (isLast(page)) return changed;
  }
}

async function applyPage({ readable }: Followed, page: Page, readAt: Date): Promise<number> {
  const newest = page.records.at(-1)?.[readable.mapping.cursor];
  return await apply(readable, page.records, readAt, isLast(page) ? page.at : new Date(String(newest)));
}

/** Takes records over, with the log of what changed and how far we are, in one transaction. */
async function apply(
  readable: Readable,
  records: readonly SalesforceRecord[],
  readAt: Date,
  seenAt: Date,
): Promise<number> {
  const { sobject, table } = readable.mapping;
  return await transaction(async (tx) => {
    const changes =
      records.length === 0 ? [] : await merge(tx, readable, recordsAsSource(readable, records), readAt);
    await recordChanges(tx, table, changes);
    await updateState(tx, sobject, {
      seen_at: seenAt,
      synced_at: now(),
      error: null,
      ...(changes.length > 0 ? { changed_at: now() } : {}),
    });
    return changes.length;
  });
}

/**
 * Looks again at everything since the mark, ids and times alone, and fetches what the mirror does not have like that: rows that
 * became visible late. Then the mark goes on, still trailing.
 */
export async function catchLateRows(followed: readonly Followed[]): Promise<number> {
  let changed = 0;
  for (let i = 0; i < followed.length; i += TOGETHER) {
    const group = followed.slice(i, i + TOGETHER);
    const answers = await spending(featureOf(group), () =>
      queryTogether(group.map((one) => timesAfter(one, sinceMark(one)))),
    );
    for (const [j, one] of group.entries()) {
      const answer = answers[j];
      if (answer !== undefined) changed += await within(one, () => compareTimes(one, answer));
    }
  }
  return changed;
}

const sinceMark = ({ readable, state }: Followed): string =>
  `${readable.mapping.cursor} >= ${literal(state.markAt ?? new Date(0))}`;

function timesAfter({ readable }: Followed, condition: string): string {
  const { cursor } = readable.mapping;
  return select(readable, {
    fields: ['Id', cursor],
    conditions: [condition],
    order: `${cursor}, Id`,
    limit: PAGE,
  });
}

async function compareTimes(one: Followed, first: Page | SalesforceFailure): Promise<number> {
  if (first instanceof SalesforceFailure) throw first;
  const changed = await refetchDiffering(one, first);
  const mark = Math.max(one.state.markAt?.getTime() ?? 0, first.at.getTime() - TRAIL);
  await updateState(db, one.readable.mapping.sobject, { mark_at: new Date(mark) });
  return changed;
}

const isLast = (page: Page): boolean => page.isWhole && page.records.length < PAGE;

/** The condition that goes on after the last record of an answer, whatever its neighbours' times. */
function after({ readable }: Followed, records: readonly SalesforceRecord[]): string {
  const { cursor } = readable.mapping;
  const last = records.at(-1);
  const at = literal(new Date(String(last?.[cursor])));
  return `(${cursor} > ${at} OR (${cursor} = ${at} AND Id > '${last?.Id ?? ''}'))`;
}

async function differing({ mapping }: Readable, records: readonly SalesforceRecord[]): Promise<string[]> {
  const id = sql.ref(mapping.key === 'ours' ? 'm.salesforce_id' : 'm.id');
  const given = records.map((record) => ({ id: record.Id, at: record[mapping.cursor] }));
  const { rows } = await sql<{ id: string }>`
    select given.id from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (id text, at timestamptz)
    where not exists (select 1 from ${sql.table(mapping.table)} m where ${id} = given.id and m.modified_at = given.at)`.execute(
    db,
  );
  return rows.map((row) => row.id);
}
