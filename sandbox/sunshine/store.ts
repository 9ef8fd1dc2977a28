import { randomBytes } from 'node:crypto';

import type { Db } from '../database.ts';

export const chatTables = `
create table if not exists _sunshine_user (
  id text primary key,
  external_id text unique,
  signed_up_at timestamptz not null,
  profile jsonb not null default '{}',
  metadata jsonb not null default '{}'
);
create table if not exists _sunshine_conversation (
  id text primary key,
  type text not null,
  display_name text,
  metadata jsonb not null default '{}',
  is_default boolean not null,
  created_at timestamptz not null,
  last_updated_at timestamptz not null
);
create table if not exists _sunshine_participant (
  id text primary key,
  conversation text not null,
  "user" text not null,
  -- Whether the person's own client shows the conversation by itself.
  is_subscribed boolean not null,
  last_read timestamptz,
  unique (conversation, "user")
);
create index if not exists _sunshine_participant_user on _sunshine_participant ("user");
create table if not exists _sunshine_message (
  seq bigint generated always as identity primary key,
  id text not null unique,
  conversation text not null,
  received timestamptz not null,
  author jsonb not null,
  content jsonb not null,
  metadata jsonb
);
create index if not exists _sunshine_message_conversation on _sunshine_message (conversation, seq desc);
`;

/** Sunshine's ids are 24 hexadecimal digits. */
export const newId = (): string => randomBytes(12).toString('hex');

export interface User {
  id: string;
  externalId: string | null;
  signedUpAt: Date;
  profile: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

export interface Conversation {
  id: string;
  type: string;
  displayName: string | null;
  metadata: Record<string, unknown>;
  isDefault: boolean;
  createdAt: Date;
  lastUpdatedAt: Date;
}

export interface Message {
  id: string;
  seq: string;
  conversation: string;
  received: Date;
  author: { type: 'business' | 'user'; userId?: string; displayName?: string };
  content: Record<string, unknown>;
  metadata: Record<string, unknown> | null;
}

const user = 'id, external_id as "externalId", signed_up_at as "signedUpAt", profile, metadata';
const conversation =
  'c.id, c.type, c.display_name as "displayName", c.metadata, c.is_default as "isDefault", c.created_at as "createdAt", c.last_updated_at as "lastUpdatedAt"';

async function rowsOf<T>(db: Db, text: string, values: unknown[] = []): Promise<T[]> {
  const { rows } = await db.query(text, values);
  return rows as T[];
}

/** By Sunshine's id or the id of the other system, as its paths take either. */
export async function maybeUser(db: Db, id: string): Promise<User | undefined> {
  return (
    await rowsOf<User>(db, `select ${user} from _sunshine_user where id = $1 or external_id = $1`, [id])
  )[0];
}

/** @returns undefined where that external id is taken */
export async function createUser(
  db: Db,
  { externalId, profile, metadata, at }: { externalId: string; profile: object; metadata: object; at: Date },
): Promise<User | undefined> {
  const rows = await rowsOf<User>(
    db,
    `insert into _sunshine_user (id, external_id, signed_up_at, profile, metadata) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning ${user}`,
    [newId(), externalId, at, JSON.stringify(profile), JSON.stringify(metadata)],
  );
  return rows[0];
}

export async function changeUser(
  db: Db,
  id: string,
  change: { profile: object; metadata: object },
): Promise<void> {
  await db.query(
    'update _sunshine_user set profile = profile || $2, metadata = metadata || $3 where id = $1',
    [id, JSON.stringify(change.profile), JSON.stringify(change.metadata)],
  );
}

/** With all conversations that nobody else is in. */
export async function removeUser(db: Db, id: string): Promise<void> {
  await db.query('delete from _sunshine_user where id = $1', [id]);
  await db.query('delete from _sunshine_participant where "user" = $1', [id]);
  await db.query(
    'delete from _sunshine_conversation c where not exists (select from _sunshine_participant p where p.conversation = c.id)',
  );
  await db.query(
    'delete from _sunshine_message m where not exists (select from _sunshine_conversation c where c.id = m.conversation)',
  );
}

/** Users who have a conversation, who was written to last first. */
export async function usersWithConversations(
  db: Db,
  search: string,
): Promise<(User & { last: Date; messages: number })[]> {
  return await rowsOf(
    db,
    `select u.id, u.external_id as "externalId", u.signed_up_at as "signedUpAt", u.profile, u.metadata, max(c.last_updated_at) as last,
       (select count(*)::int from _sunshine_message m join _sunshine_participant q on q.conversation = m.conversation where q."user" = u.id) as messages
     from _sunshine_user u join _sunshine_participant p on p."user" = u.id join _sunshine_conversation c on c.id = p.conversation
     where u.external_id ilike '%' || $1 || '%' group by u.id order by last desc limit 100`,
    [search],
  );
}

export async function maybeConversation(db: Db, id: string): Promise<Conversation | undefined> {
  return (
    await rowsOf<Conversation>(db, `select ${conversation} from _sunshine_conversation c where id = $1`, [id])
  )[0];
}

/** A person's conversations, the latest first. */
export async function conversationsOf(db: Db, userId: string): Promise<Conversation[]> {
  return await rowsOf(
    db,
    `select ${conversation} from _sunshine_conversation c join _sunshine_participant p on p.conversation = c.id
     where p."user" = $1 order by c.last_updated_at desc, c.id`,
    [userId],
  );
}

export interface NewConversation {
  type: string;
  displayName: string | null;
  metadata: object;
  participants: { userId: string; isSubscribed: boolean }[];
  at: Date;
}

/** The first conversation of a person is their default one. */
export async function createConversation(
  db: Db,
  { type, displayName, metadata, participants, at }: NewConversation,
): Promise<Conversation> {
  const id = newId();
  const isDefault =
    participants.length === 1 && (await conversationsOf(db, participants[0]?.userId ?? '')).length === 0;
  await db.query(
    `insert into _sunshine_conversation (id, type, display_name, metadata, is_default, created_at, last_updated_at)
     values ($1, $2, $3, $4, $5, $6, $6)`,
    [id, type, displayName, JSON.stringify(metadata), isDefault, at],
  );
  for (const { userId, isSubscribed } of participants) await join(db, id, userId, isSubscribed);
  return { id, type, displayName, metadata: { ...metadata }, isDefault, createdAt: at, lastUpdatedAt: at };
}

export async function join(
  db: Db,
  conversationId: string,
  userId: string,
  isSubscribed: boolean,
): Promise<void> {
  await db.query(
    'insert into _sunshine_participant (id, conversation, "user", is_subscribed) values ($1, $2, $3, $4) on conflict do nothing',
    [newId(), conversationId, userId, isSubscribed],
  );
}

export async function removeConversation(db: Db, id: string): Promise<void> {
  await db.query('delete from _sunshine_conversation where id = $1', [id]);
  await db.query('delete from _sunshine_participant where conversation = $1', [id]);
  await db.query('delete from _sunshine_message where conversation = $1', [id]);
}

export interface Participant {
  id: string;
  userId: string;
  externalId: string | null;
  lastRead: Date | null;
}

export async function participantsOf(db: Db, conversationId: string): Promise<Participant[]> {
  return await rowsOf(
    db,
    `select p.id, p."user" as "userId", u.external_id as "externalId", p.last_read as "lastRead"
     from _sunshine_participant p join _sunshine_user u on u.id = p."user" where p.conversation = $1 order by p.id`,
    [conversationId],
  );
}

/** @returns whether something unread was read now */
export async function noteRead(
  db: Db,
  { conversationId, userId, at }: { conversationId: string; userId: string; at: Date },
): Promise<boolean> {
  const unread = await rowsOf(
    db,
    `select from _sunshine_message m join _sunshine_participant p on p.conversation = m.conversation and p."user" = $2
     where m.conversation = $1 and m.author ->> 'type' = 'business' and m.received > coalesce(p.last_read, '-infinity') limit 1`,
    [conversationId, userId],
  );
  await db.query('update _sunshine_participant set last_read = $3 where conversation = $1 and "user" = $2', [
    conversationId,
    userId,
    at,
  ]);
  return unread.length > 0;
}

const message = 'id, seq, conversation, received, author, content, metadata';

export async function countMessages(db: Db, conversationId: string): Promise<number> {
  const [row] = await rowsOf<{ count: number }>(
    db,
    'select count(*)::int as count from (select from _sunshine_message where conversation = $1 limit 30000) m',
    [conversationId],
  );
  return row?.count ?? 0;
}

export async function addMessage(
  db: Db,
  { conversation: to, received, author, content, metadata }: Omit<Message, 'id' | 'seq'>,
): Promise<Message> {
  const [added] = await rowsOf<Message>(
    db,
    `with touched as (update _sunshine_conversation set last_updated_at = $3 where id = $2)
     insert into _sunshine_message (id, conversation, received, author, content, metadata) values ($1, $2, $3, $4, $5, $6)
     returning ${message}`,
    [
      newId(),
      to,
      received,
      JSON.stringify(author),
      JSON.stringify(content),
      metadata === null ? null : JSON.stringify(metadata),
    ],
  );
  if (added === undefined) throw new Error('a message was not kept');
  return added;
}

/** So many messages before or after a place, the earliest first; without one, the latest. */
export async function messagesOf(
  db: Db,
  conversationId: string,
  { before, after, size }: { before?: string | undefined; after?: string | undefined; size: number },
): Promise<{ messages: Message[]; hasMore: boolean }> {
  const rows = await rowsOf<Message>(
    db,
    `select ${message} from _sunshine_message
     where conversation = $1 and ($2::bigint is null or seq < $2) and ($3::bigint is null or seq > $3)
     order by seq ${after === undefined ? 'desc' : 'asc'} limit $4`,
    [conversationId, before ?? null, after ?? null, size + 1],
  );
  const page = rows.slice(0, size);
  return { messages: after === undefined ? page.reverse() : page, hasMore: rows.length > size };
}

export async function removeMessage(db: Db, id: string): Promise<void> {
  await db.query('delete from _sunshine_message where id = $1', [id]);
}
