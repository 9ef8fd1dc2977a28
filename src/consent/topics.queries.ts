import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';

import type { Topic } from './topics.ts';

interface Change {
  by: string;
  at: Date;
}

export async function selectTopics(code?: string): Promise<Topic[]> {
  const { rows } = await sql<Topic>`
    select code, message_class as "messageClass", is_opt_in as "isOptIn", is_seeded as "isSeeded", is_offered as "isOffered", words
    from topics where ${code ?? null}::text is null or code = ${code ?? null} order by position, code`.execute(
    db,
  );
  return rows;
}

export async function selectTopicsWithCounts(
  scope: RawBuilder<boolean>,
): Promise<(Topic & { granted: number; refused: number })[]> {
  const { rows } = await sql<Topic & { granted: number; refused: number }>`
    select t.code, t.message_class as "messageClass", t.is_opt_in as "isOptIn", t.is_seeded as "isSeeded", t.is_offered as "isOffered",
      t.words, coalesce(s.granted, 0) as granted, coalesce(s.refused, 0) as refused
    from topics t left join (
      select topic, count(*) filter (where is_granted) as granted, count(*) filter (where not is_granted) as refused
      from consent_states group by topic) s on s.topic = t.code
    where ${scope} order by t.position, t.code`.execute(db);
  return rows;
}

/** @returns whether the code was free */
export async function insertTopic(
  tx: Tx,
  { code, messageClass, isOptIn, words }: Omit<Topic, 'isSeeded' | 'isOffered'>,
  { by, at }: Change,
): Promise<boolean> {
  const { rows } = await sql`
    insert into topics (code, message_class, is_opt_in, words, position, changed_by, changed_at)
    select ${code}, ${messageClass}, ${isOptIn}, ${JSON.stringify(words)}::jsonb, coalesce(max(position), 0) + 1, ${by}, ${at} from topics
    on conflict do nothing returning code`.execute(tx);
  return rows.length > 0;
}

/** @returns whether there is such a topic */
export async function updateTopic(
  tx: Tx,
  code: string,
  { words, isOffered, by, at }: Pick<Topic, 'words' | 'isOffered'> & Change,
): Promise<boolean> {
  const { rows } = await sql`
    update topics set words = ${JSON.stringify(words)}::jsonb, is_offered = ${isOffered}, changed_by = ${by}, changed_at = ${at}
    where code = ${code} returning code`.execute(tx);
  return rows.length > 0;
}
