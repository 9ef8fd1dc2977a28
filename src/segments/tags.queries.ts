import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { Batch } from './events.ts';
import type { AccountTag, Tag, TagChange, Tone } from './tags.ts';

type Condition = RawBuilder<boolean>;

export async function selectTags(scope: Condition): Promise<Tag[]> {
  const { rows } = await sql<Tag>`
    select t.name, t.description, t.tone, coalesce(c.accounts, 0) as accounts, coalesce(g.triggers, 0) as triggers
    from tags t
    left join (select at.tag, count(*) as accounts from account_tags at
               join accounts a on a.id = at.account_id and a.deleted_at is null group by at.tag) c on c.tag = t.name
    left join (select tag, count(*) as triggers from tag_triggers group by tag) g on g.tag = t.name
    where ${scope} order by lower(t.name)`.execute(db);
  return rows;
}

export async function selectTagNames(scope: Condition): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from tags where ${scope} order by lower(name)`.execute(db);
  return rows.map(({ name }) => name);
}

export async function selectTagsOf(scope: Condition, accountId: string): Promise<AccountTag[]> {
  const { rows } = await sql<AccountTag>`
    select at.tag as name, t.tone, t.description, at.at, p.name as "setBy", s.name as segment
    from account_tags at join tags t on t.name = at.tag
    left join people p on p.id = at.set_by
    left join tag_triggers g on g.id = at.trigger_id left join segments s on s.id = g.segment_id
    where at.account_id = ${accountId} and ${scope} order by at.at, lower(at.tag)`.execute(db);
  return rows;
}

export async function selectTagChanges(
  scope: Condition,
  of: { accountId: string } | { tag: string },
): Promise<TagChange[]> {
  const about =
    'accountId' in of ? sql`c.account_id = ${of.accountId}` : sql`lower(c.tag) = lower(${of.tag})`;
  const { rows } = await sql<TagChange>`
    select c.id, c.account_id as "accountId", a.name as "accountName", c.tag, c.change, p.name as "changedBy", c.segment,
           c.occurred_at as "occurredAt"
    from account_tag_changes c join accounts a on a.id = c.account_id and a.deleted_at is null
    left join people p on p.id = c.changed_by
    where ${about} and ${scope} order by c.id desc limit 100`.execute(db);
  return rows;
}

/** The tag by that name, whatever its capitals; made if nobody did before. @returns its name as it is written */
export async function ensureTag(tx: Tx, name: string, by: string, now: Date): Promise<string> {
  await sql`
    insert into tags (name, created_by, created_at) values (${name}, ${by}, ${now}) on conflict do nothing`.execute(
    tx,
  );
  const { rows } = await sql<{ name: string }>`
    select name from tags where lower(name) = lower(${name})`.execute(tx);
  return rows[0]?.name ?? name;
}

export async function upsertTag(
  tx: Tx,
  tag: { name: string; description: string; tone: Tone },
  by: string,
  now: Date,
): Promise<void> {
  await sql`
    insert into tags (name, description, tone, created_by, created_at)
    values (${tag.name}, ${tag.description}, ${tag.tone}, ${by}, ${now})
    on conflict (lower(name)) do update set description = excluded.description, tone = excluded.tone`.execute(
    tx,
  );
}

/** @returns what keeps the tag from being deleted: triggers that set it, and lists whose rules name it. */
export async function selectTagUses(tx: Db, name: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select s.name from segments s join tag_triggers t on t.segment_id = s.id where t.tag = ${name}
    union
    select s.name from segments s
    where s.archived_at is null and jsonb_path_exists(s.rule, ${TAG_IN_RULE}::jsonpath, jsonb_build_object('tag', ${name}::text))
    order by 1`.execute(tx);
  return rows.map((row) => row.name);
}

/** Every object of a rule that is about tags and says this one, alone or among others. */
const TAG_IN_RULE = '$.** ? (@.field == "account.tags" && (@.value == $tag || @.value[*] == $tag))';

export async function deleteTag(tx: Tx, name: string): Promise<void> {
  await sql`delete from tags where name = ${name}`.execute(tx);
}

/** Who does it, and what it is for. */
export interface Cause {
  by: string | null;
  at: Date;
}

/**
 * Adds tags, and keeps what was new as history. One statement for any number.
 * @param wanted a query of account_id, tag, trigger_id and segment (the list's name)
 */
export async function addTags(tx: Tx, wanted: RawBuilder<unknown>, { by, at }: Cause): Promise<Batch> {
  return await changed(
    tx,
    sql`
    with wanted as materialized (
      select distinct on (w.account_id, w.tag) w.* from (${wanted}) w
      join accounts a on a.id = w.account_id and a.deleted_at is null order by w.account_id, w.tag, w.trigger_id
    ), done as (
      insert into account_tags (account_id, tag, set_by, trigger_id, at)
      select account_id, tag, ${by}::uuid, trigger_id, ${at} from wanted on conflict do nothing
      returning account_id, tag
    )`,
    { change: 'added', by, at },
  );
}

/** Takes tags off, likewise. */
export async function removeTags(tx: Tx, wanted: RawBuilder<unknown>, { by, at }: Cause): Promise<Batch> {
  return await changed(
    tx,
    sql`
    with wanted as materialized (
      select distinct on (w.account_id, w.tag) w.* from (${wanted}) w order by w.account_id, w.tag, w.trigger_id
    ), done as (
      delete from account_tags t using wanted w where t.account_id = w.account_id and t.tag = w.tag
      returning t.account_id, t.tag
    )`,
    { change: 'removed', by, at },
  );
}

async function changed(
  tx: Tx,
  doing: RawBuilder<unknown>,
  { change, by, at }: Cause & { change: 'added' | 'removed' },
): Promise<Batch> {
  const { rows } = await sql<Batch>`
    ${doing}, batch as materialized (select nextval('tag_batches') as id),
    told as (
      insert into account_tag_changes (batch, account_id, tag, change, changed_by, trigger_id, segment, occurred_at)
      select batch.id, account_id, tag, ${change}, ${by}::uuid, w.trigger_id, w.segment, ${at}
      from done join wanted w using (account_id, tag), batch returning 1
    )
    select (select id from batch) as batch, (select count(*) from told) as changes`.execute(tx);
  const [outcome] = rows;
  if (outcome === undefined) throw new Error('a change of tags answered nothing');
  return outcome;
}
