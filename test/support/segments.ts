import { db, sql } from '../../src/platform/db.ts';
import { reactions } from '../../src/reactions.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { selectLists } from '../../src/segments/refresh.queries.ts';
import { refreshDueSegments } from '../../src/segments/refresh.ts';
import { selecting } from '../../src/rules/compile.ts';
import { notRemoved } from '../../src/accounts/removals.ts';
import { now } from '../../src/platform/clock.ts';

/** The reactions that keep lists, tags and risk. */
const ours = ['refreshSegments', 'carryOutTriggers', 'settleRisk', 'moveTagsAndRisk'];

let told = 0;

function reactionsTo(event: string): ((data: never) => Promise<void>)[] {
  const all: Record<string, Record<string, (data: never) => Promise<void>>> = reactions;
  const named = Object.entries(all[event] ?? {});
  return named.filter(([name]) => ours.includes(name)).map(([, react]) => react);
}

/** Does what a worker would do for lists, tags and risk, until nothing is left to do. */
export async function settleSegments(): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const { rows } = await sql<{ id: number; name: string; data: unknown }>`
      select id, name, data from events where id > ${told} order by id`.execute(db);
    for (const { id, name, data } of rows) {
      for (const react of reactionsTo(name)) await react(data as never);
      told = id;
    }
    const due = await sql`select 1 from segment_due limit 1`.execute(db);
    if (rows.length === 0 && due.rows.length === 0) return;
    await refreshDueSegments();
  }
  throw new Error('lists, tags and risk did not settle');
}

/** Who is in a list. */
export async function membersOf(segmentId: string): Promise<string[]> {
  const { rows } = await sql<{ entity_id: string }>`
    select entity_id from segment_members where segment_id = ${segmentId} order by 1`.execute(db);
  return rows.map((row) => row.entity_id);
}

/** Who belongs into each list by a full look, and who is in it; only lists in which the two differ. */
export async function differences(): Promise<{ rule: unknown; belong: string[]; members: string[] }[]> {
  const catalog = await wholeCatalog();
  const today = now().toISOString().slice(0, 10);
  const found = [];
  for (const { id, entity, rule } of await selectLists(db)) {
    const { rows } = await selecting(rule, { entity, catalog, today }, notRemoved('a.id')).execute(db);
    const belong = rows.map((row) => String(row.id as unknown)).sort();
    const members = (await membersOf(id)).sort();
    if (JSON.stringify(belong) !== JSON.stringify(members)) found.push({ rule, belong, members });
  }
  return found;
}
