import type { RawBuilder } from 'kysely';

import { db, type Db, sql, type Tx } from '../platform/db.ts';

import type { Built, MessageVersion, Problem } from './content.ts';
import type { MessageContent } from './document.ts';
import type { Message } from './messages.ts';

type Condition = RawBuilder<boolean>;

export async function selectVersion(messageId: string, version: number): Promise<MessageVersion | undefined> {
  const { rows } = await sql<MessageVersion>`
    select v.message_id as "messageId", v.version, m.name, v.content, v.built, v.problems
    from message_versions v join messages m on m.id = v.message_id
    where v.message_id = ${messageId} and v.version = ${version}`.execute(db);
  return rows[0];
}

export async function selectNewest(messageId: string): Promise<number | undefined> {
  const { rows } = await sql<{
    version: number;
  }>`select version from messages where id = ${messageId}`.execute(db);
  return rows[0]?.version;
}

const columns = sql`
  m.id, m.name, m.description, m.kind, m.format, m.version, m.owner_id as "ownerId", p.name as "ownerName", m.changed_at as "changedAt",
  m.archived_at as "archivedAt", v.problems,
  (select array_agg(distinct part ->> 'locale') from jsonb_array_elements(v.content -> 'variants') part) as locales`;
const joined = sql`
  messages m join message_versions v on v.message_id = m.id and v.version = m.version left join people p on p.id = m.owner_id`;

export async function selectMessages(scope: Condition): Promise<Message[]> {
  const { rows } = await sql<Message>`
    select ${columns} from ${joined} where ${scope} order by m.kind, m.code is not null, lower(m.name), m.id limit 500`.execute(
    db,
  );
  return rows;
}

export async function selectMessage(scope: Condition, id: string): Promise<Message | undefined> {
  const { rows } =
    await sql<Message>`select ${columns} from ${joined} where m.id = ${id} and ${scope}`.execute(db);
  return rows[0];
}

interface Written {
  name: string;
  description: string;
  kind: Message['kind'];
  code: string | null;
  personId: string | null;
  content: MessageContent;
  built: Built;
  problems: readonly Problem[];
  now: Date;
}

/** @returns its id; undefined when a template with this code is there already */
export async function insertMessage(tx: Tx, written: Written): Promise<string | undefined> {
  const { name, description, kind, code, personId, content, now } = written;
  const { rows } = await sql<{ id: string }>`
    insert into messages (name, description, kind, format, code, version, owner_id, created_at, changed_at, changed_by)
    values (${name}, ${description}, ${kind}, ${content.format}, ${code}, 1, ${personId}, ${now}, ${now}, ${personId})
    on conflict (code) do nothing returning id`.execute(tx);
  const [message] = rows;
  if (message !== undefined) await insertVersion(tx, { ...written, id: message.id, version: 1 });
  return message?.id;
}

/** Makes the next version the newest; @returns its number, undefined when the newest is not the one that was changed */
export async function insertNextVersion(
  tx: Tx,
  written: Omit<Written, 'kind' | 'code'> & { id: string; base: number },
): Promise<number | undefined> {
  const { id, base, name, description, personId, now } = written;
  const { rows } = await sql<{ version: number }>`
    update messages set version = version + 1, name = ${name}, description = ${description}, changed_at = ${now}, changed_by = ${personId}
    where id = ${id} and version = ${base} and archived_at is null returning version`.execute(tx);
  const [message] = rows;
  if (message !== undefined) await insertVersion(tx, { ...written, version: message.version });
  return message?.version;
}

type Version = Pick<Written, 'content' | 'built' | 'problems' | 'personId' | 'now'> & {
  id: string;
  version: number;
};

async function insertVersion(
  tx: Tx,
  { id, version, content, built, problems, personId, now }: Version,
): Promise<void> {
  await sql`
    insert into message_versions (message_id, version, content, built, problems, created_at, created_by)
    values (${id}, ${version}, ${JSON.stringify(content)}::jsonb, ${JSON.stringify(built)}::jsonb, ${JSON.stringify(problems)}::jsonb,
            ${now}, ${personId})`.execute(tx);
  const links = built.parts.flatMap((part) => part.links);
  await sql`
    insert into message_links (message_id, version, number, url, label)
    select ${id}, ${version}, number, case when url like '%{{%' or url like '%{\\%%' then null else url end, label
    from jsonb_to_recordset(${JSON.stringify(links)}::jsonb) as link (number integer, url text, label text)
    on conflict do nothing`.execute(tx);
}

/** @returns whether it changed */
export async function updateArchived(tx: Tx, id: string, at: Date | null, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update messages set archived_at = ${at}, changed_at = ${now}
    where id = ${id} and (archived_at is null) <> (${at}::timestamptz is null)`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** The number of its versions, and when each was made by whom. */
export async function selectVersions(
  id: string,
): Promise<{ version: number; createdAt: Date; createdByName: string | null }[]> {
  const { rows } = await sql<{ version: number; createdAt: Date; createdByName: string | null }>`
    select v.version, v.created_at as "createdAt", p.name as "createdByName"
    from message_versions v left join people p on p.id = v.created_by where v.message_id = ${id} order by v.version desc limit 200`.execute(
    db,
  );
  return rows;
}

/** The delivered templates that were made at some time. */
export async function selectCodes(tx: Db): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`select code from messages where code is not null`.execute(tx);
  return rows.map(({ code }) => code);
}
