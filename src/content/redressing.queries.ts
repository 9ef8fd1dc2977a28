import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { MessageContent } from './document.ts';
import type { Message } from './messages.ts';

/** What a message says now. */
export interface Newest extends Pick<Message, 'id' | 'name' | 'description' | 'kind' | 'version'> {
  content: MessageContent;
}

const newest = sql`
  select m.id, m.name, m.description, m.kind, m.version, v.content
  from messages m join message_versions v on v.message_id = m.id and v.version = m.version
  where m.format = 'mjml' and m.archived_at is null`;

/** Messages in the order of their ids, some at a time: each holds all of its languages. */
export async function selectNewestAfter(
  scope: RawBuilder<boolean>,
  id: string,
  count: number,
): Promise<Newest[]> {
  const { rows } = await sql<Newest>`${newest} and ${scope} and m.id > ${id}::uuid order by m.id limit ${count}`.execute(db); // prettier-ignore
  return rows;
}

export async function selectNewestOf(scope: RawBuilder<boolean>, id: string): Promise<Newest | undefined> {
  const { rows } = await sql<Newest>`${newest} and ${scope} and m.id = ${id}::uuid`.execute(db);
  return rows[0];
}
