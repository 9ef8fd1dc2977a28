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
