import { transaction } from '../../database.ts';
import type { Db } from '../../database.ts';
import type { Org } from '../context.ts';
import { changeEvents, platformEvent } from './changes.ts';
import type { Message, Staged } from './changes.ts';
import { enrich } from './enrichment.ts';
import type { Selection } from './selection.ts';
import { topicMessages } from './push-topics.ts';

/** What the control plane may set. */
export interface EventSettings {
  overflowAt: number;
}

/** So many staged changes are published in one go, and whole transactions in any case. */
const AT_ONCE = 2_000;

/**
 * Publishes what waits: all of some transactions, in the order of their changes.
 * @returns the topics that got messages; undefined when nothing waited.
 */
export async function publishSome(
  org: Org,
  selection: Selection,
  { overflowAt }: EventSettings,
): Promise<Set<string> | undefined> {
  return transaction(org.pool, async (tx) => {
    const staged = await takeStaged(tx, overflowAt);
    if (staged.length === 0) return undefined;
    const at = org.clock.now();
    const { members } = selection;
    const enriched = new Set(
      members.filter(({ enrichedFields }) => enrichedFields.length > 0).map(({ sobject }) => sobject),
    );
    const told = { orgId: org.id, catalog: org.catalog, at, overflowAt, enriched };
    const selected = new Set(members.map(({ sobject }) => sobject));
    const messages = [...Map.groupBy(staged, (one) => one.tx).values()].flatMap((group) => [
      ...changeEvents(told, group.filter(({ sobject, change }) => change !== 'PUBLISH' && selected.has(sobject))),
      ...platformEvents(org, group, at),
    ]); // prettier-ignore
    const topical = await topicMessages(org, tx, { topics: selection.topics, staged, at });
    const all = [...messages, ...topical];
    await keepMessages(tx, all, { at, enriched: await enrich(tx, { catalog: org.catalog, members }, all) });
    return new Set(all.map(({ topic }) => topic));
  });
}

/** Takes whole transactions out of what waits; of one that is too large for single events, the rest as one row an object. */
async function takeStaged(db: Db, overflowAt: number): Promise<Staged[]> {
  const { rows } = await db.query(
    `with taken as (
       delete from _event_staged
        where tx in (select tx from (select tx from _event_staged order by id limit $1) next) returning *),
     numbered as (select *, row_number() over (partition by tx order by id) as number from taken)
     select id, tx::text, sobject, change, record_id as "recordId", fields, origin, user_id as "userId"
       from numbered where number <= $2
     union all
     select max(id), tx::text, sobject, 'BEYOND', '', '{}', max(origin), max(user_id)
       from numbered where number > $2 group by tx, sobject`,
    [AT_ONCE, overflowAt],
  );
  return (rows as (Staged & { id: number })[]).sort((one, other) => one.id - other.id);
}

function platformEvents({ catalog }: Org, staged: readonly Staged[], at: Date): Message[] {
  return staged.flatMap((one) => {
    const sobject = one.change === 'PUBLISH' ? catalog.find(one.sobject) : undefined;
    return sobject ? [platformEvent(sobject, { ...one, at })] : [];
  });
}

/** Gives messages their replay ids, which rise but leave some numbers out, and keeps them for whoever replays. */
export async function keepMessages(
  db: Db,
  messages: readonly Message[],
  { at, enriched }: { at: Date; enriched: readonly (object | null)[] },
): Promise<void> {
  if (messages.length === 0) return;
  const steps = messages.map(() => (Math.random() < 0.1 ? 3 : 1));
  const total = steps.reduce((sum, step) => sum + step, 0);
  const { rows } = await db.query(`select setval('_replay_ids', nextval('_replay_ids') + $1 - 1) as last`, [
    total,
  ]);
  let id = Number((rows as { last: number }[])[0]?.last) - total;
  const records = messages.map(({ topic, message }, index) => {
    id += steps[index] ?? 1;
    const event = { ...message.event, replayId: id };
    return { replay_id: id, topic, message: { ...message, event }, enriched: enriched[index] ?? null };
  });
  await db.query(
    `insert into _event (replay_id, topic, message, enriched, at)
     select replay_id, topic, message, enriched, $2
       from json_to_recordset($1::json) as r(replay_id bigint, topic text, message jsonb, enriched jsonb)`,
    [JSON.stringify(records), at],
  );
}
