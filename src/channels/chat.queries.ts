import { db, sql } from '../platform/db.ts';

const hashes = (addresses: readonly string[]) =>
  sql`(select address, erasure_hash(address) as hash from unnest(${[...addresses]}::text[]) as address)`;

/** In which conversation each of these people is written to, as far as we know. */
export async function selectConversations(addresses: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ address: string; id: string }>`
    select a.address, c.conversation_id as id from ${hashes(addresses)} a join chat_conversations c on c.address_hash = a.hash`.execute(
    db,
  );
  return new Map(rows.map(({ address, id }) => [address, id]));
}

export async function keepConversations(conversations: ReadonlyMap<string, string>, at: Date): Promise<void> {
  await sql`
    insert into chat_conversations (address_hash, conversation_id, changed_at)
    select erasure_hash(address), id, ${at}
    from unnest(${[...conversations.keys()]}::text[], ${[...conversations.values()]}::text[]) as c (address, id)
    order by 1
    on conflict (address_hash) do update set conversation_id = excluded.conversation_id, changed_at = excluded.changed_at
    where chat_conversations.conversation_id <> excluded.conversation_id`.execute(db);
}

export interface KeptMessage {
  messageId: string;
  runId: number;
  n: number;
  conversationId: string;
}

/** Which deliveries these messages are; what is known already stays. */
export async function keepMessages(messages: readonly KeptMessage[], at: Date): Promise<void> {
  await sql`
    insert into chat_messages (message_id, run_id, n, conversation_id, sent_at)
    select m."messageId", m."runId", m.n, m."conversationId", ${at}
    from json_to_recordset(${JSON.stringify(messages)}::json) as m ("messageId" text, "runId" bigint, n integer, "conversationId" text)
    order by 1 on conflict do nothing`.execute(db);
}
