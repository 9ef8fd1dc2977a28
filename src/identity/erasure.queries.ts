import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { Erasure, ToDo } from './erasure.ts';
import type { Subject } from './erasure-subject.ts';
import { patternOf } from './erasure-sweep.queries.ts';

/** What stands where a word of theirs stood. */
export const STRUCK = '[erased]';

type Query = RawBuilder<unknown>;

const theirCases = ({ contactIds, personIds }: Subject): Query =>
  sql`select id from cases where contact_id = any(${contactIds}) or opened_by = any(${personIds}::uuid[])`;

export async function countOpenCases(subject: Subject): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from cases
    where id in (${theirCases(subject)}) and not is_closed and deleted_at is null`.execute(db);
  return rows[0]?.count ?? 0;
}

export async function insertErasure(
  tx: Tx,
  { by, at, sealed }: { by: string; at: Date; sealed: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into erasures (asked_by, asked_at, sealed_subject) values (${by}, ${at}, ${sealed}) returning id`.execute(
    tx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an erasure left no row');
  return row.id;
}

/** Keeps hashes by which they are known if they come back. */
export async function keepHashes(tx: Tx, erasureId: string, identities: readonly string[]): Promise<void> {
  await sql`
    insert into erased_identities (hash, erasure_id)
    select distinct erasure_hash(identity), ${erasureId}::uuid from unnest(${identities}::text[]) identity
    on conflict do nothing`.execute(tx);
}

/** Who is to be erased, sealed; undefined when it is done. */
export async function takeSealed(tx: Tx, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ sealed: string | null }>`
    select sealed_subject as sealed from erasures where id = ${id} for update`.execute(tx);
  return rows[0]?.sealed ?? undefined;
}

/** The records of Salesforce that are theirs or tell of them: what the mirror empties, and what somebody has to delete there. */
export async function recordsOf(tx: Tx, subject: Subject): Promise<ToDo[]> {
  const { contactIds, leadIds, emails } = subject;
  const who = [...contactIds, ...leadIds];
  const pattern = patternOf(subject);
  const { rows } = await sql<ToDo>`
    with cases_of as (${theirCases(subject)}), found (sobject, id) as (
      select 'Contact', unnest(${contactIds}::text[])
      union all select 'Lead', unnest(${leadIds}::text[])
      union all select 'Case', salesforce_id from cases where id in (select id from cases_of) and salesforce_id is not null
      union all select 'CaseComment', salesforce_id from case_comments
        where (case_id in (select id from cases_of) or written_by = any(${subject.personIds}::uuid[])) and salesforce_id is not null
      union all select 'EmailMessage', id from case_emails
        where case_id in (select id from cases_of) or lower(from_address) = any(${emails}) or lower(to_address) = any(${emails})
      union all select sobject, id from salesforce_records
        where ${pattern}::text is not null and (name ~* ${pattern} or attributes::text ~* ${pattern})
      union all select 'CaseHistory', id from case_changes where case_id in (select id from cases_of)
      union all select 'Task', id from salesforce_tasks where who_id = any(${who})
      union all select 'Event', id from salesforce_events where who_id = any(${who})
      union all select 'CampaignMember', id from salesforce_campaign_members where contact_id = any(${who}) or lead_id = any(${who})
      union all select 'AccountContactRelation', id from account_contact_relations where contact_id = any(${contactIds}))
    select sobject, array_agg(id order by id) as ids from found group by sobject order by sobject`.execute(
    tx,
  );
  return rows;
}

/* What is over and done with is read no more once it was emptied; what lives on is read again, and so has to be mended where it is. */
const finished = sql`
  select 'Case' as sobject, salesforce_id as id, t::text as words from cases t where is_closed and salesforce_id is not null
  union all select 'CaseComment', salesforce_id, t::text from case_comments t where salesforce_id is not null
  union all select 'EmailMessage', id, t::text from case_emails t
  union all select 'CaseHistory', id, t::text from case_changes t
  union all select 'ContentVersion', id, t::text from file_versions t
  union all select 'Task', id, t::text from salesforce_tasks t where is_closed
  union all select 'Event', id, t::text from salesforce_events t`;
const living = sql`
  select 'Case' as sobject, salesforce_id as id, t::text as words from cases t where not is_closed and salesforce_id is not null
  union all select 'Account', id, t::text from accounts t
  union all select 'Contact', id, t::text from contacts t
  union all select 'Lead', id, t::text from leads t
  union all select 'Opportunity', id, t::text from opportunities t
  union all select 'Asset', id, t::text from assets t
  union all select 'Contract', id, t::text from contracts t
  union all select 'Rapport_License__c', id, t::text from licenses t
  union all select 'Task', id, t::text from salesforce_tasks t where not is_closed`;

/** Records of others that name them. */
export async function mentionsOf(tx: Tx, subject: Subject): Promise<Record<'finished' | 'living', ToDo[]>> {
  const pattern = patternOf(subject);
  const own = [...subject.contactIds, ...subject.leadIds];
  const naming = async (records: Query) => {
    const { rows } = await sql<ToDo>`
      select sobject, array_agg(id order by id) as ids from (${records}) t
      where words ~* ${pattern} and id <> all(${own}::text[])
        and not exists (select from erased_records e where e.record_id = t.id)
      group by sobject order by sobject`.execute(tx);
    return rows;
  };
  return pattern === null
    ? { finished: [], living: [] }
    : { finished: await naming(finished), living: await naming(living) };
}

/** Has the mirror read these records no more. */
export async function keepTombstones(tx: Tx, erasureId: string, records: readonly ToDo[]): Promise<void> {
  for (const { sobject, ids } of records)
    await sql`
      insert into erased_records (record_id, sobject, erasure_id)
      select unnest(${ids}::text[]), ${sobject}, ${erasureId}::uuid on conflict do nothing`.execute(tx);
}

/** What waits to be written about them, or to be mailed to them, is not. */
export async function dropUnsent(tx: Tx, subject: Subject): Promise<void> {
  const pattern = patternOf(subject);
  await sql`
    update outbox set status = 'discarded'
    where status in ('waiting', 'failed', 'conflict')
      and (person_id = any(${subject.personIds}::uuid[]) or salesforce_id = any(${[...subject.contactIds, ...subject.leadIds]})
        or (${pattern}::text is not null and fields::text ~* ${pattern}))`.execute(tx);
  await sql`
    delete from graphile_worker._private_jobs
    where locked_at is null and (${pattern}::text is not null and payload::text ~* ${pattern}
      or payload ->> 'personId' = any(${subject.personIds}) or payload -> 'to' ->> 'personId' = any(${subject.personIds}))`.execute(
    tx,
  );
}

/** Empties or deletes the rows that are theirs. @returns how many, by table */
export async function emptyRows(tx: Tx, subject: Subject): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [table, statement] of Object.entries(statementsFor(subject))) {
    const { numAffectedRows = 0n } = await statement.execute(tx);
    const name = table.replace(/\d+$/, '');
    if (numAffectedRows > 0n) counts[name] = (counts[name] ?? 0) + Number(numAffectedRows);
  }
  return counts;
}

/* In this order: what refers to a row goes before it. A number at the end tells statements of one table apart. */
function statementsFor(subject: Subject): Record<string, RawBuilder<unknown>> {
  const { contactIds, leadIds, personIds, usageIds, emails } = subject;
  const people = sql`any(${personIds}::uuid[])`;
  const users = sql`any(${usageIds}::int[])`;
  const who = sql`any(${[...contactIds, ...leadIds]}::text[])`;
  const cases = theirCases(subject);
  const hashes = sql`select erasure_hash(lower(email)) from unnest(${emails}::text[]) as email`;
  const named = emails.map((email) => `%${email}%`);
  return {
    contacts: emptied('contacts', sql`id = any(${contactIds})`),
    leads: emptied('leads', sql`id = any(${leadIds})`),
    account_contact_relations: sql`update account_contact_relations set attributes = '{}', deleted_at = coalesce(deleted_at, now()) where contact_id = any(${contactIds})`,
    case_comments: sql`update case_comments set body = ${STRUCK}, attributes = '{}' where case_id in (${cases}) or written_by = ${people}`,
    case_emails: sql`
      update case_emails set subject = ${STRUCK}, text_body = null, html_body = null, from_name = null, from_address = null, to_address = null, attributes = '{}'
      where case_id in (${cases}) or lower(from_address) = any(${emails}) or lower(to_address) = any(${emails})`,
    case_changes: sql`update case_changes set old_value = null, new_value = null, attributes = '{}' where case_id in (${cases})`,
    upload_chunks: sql`delete from upload_chunks where upload_id in (select id from uploads where person_id = ${people})`,
    uploads: sql`delete from uploads where person_id = ${people}`,
    case_acts: sql`update case_acts set person_name = ${STRUCK} where person_id = ${people}`,
    cases: sql`update cases set subject = ${STRUCK}, description = '', attributes = '{}' where id in (${cases})`,
    salesforce_tasks: sql`update salesforce_tasks set subject = ${STRUCK}, description = null, attributes = '{}' where who_id = ${who}`,
    salesforce_events: sql`update salesforce_events set subject = ${STRUCK}, description = null, attributes = '{}' where who_id = ${who}`,
    salesforce_campaign_members: sql`update salesforce_campaign_members set attributes = '{}' where contact_id = ${who} or lead_id = ${who}`,
    track_people: sql`
      update track_people set zone = 'UTC', due_at = case when state = 'in' then now() end
      where person_id in (select id from account_people where contact_id = any(${contactIds}) or usage_person = ${users})`,
    account_people: sql`delete from account_people where contact_id = any(${contactIds}) or usage_person = ${users}`,
    usage_aliases: sql`delete from usage_aliases where person = ${users}`,
    usage_events: sql`update usage_events set properties = '{}' where person = ${users}`,
    usage_people: sql`
      update usage_people set external_id = 'erased-' || id, email = null, name = ${STRUCK}, traits = '{}', contact_id = null where id = ${users}`,
    chat_conversations: sql`delete from chat_conversations where address_hash in (${hashes})`,
    in_app_messages: sql`delete from in_app_messages where address_hash in (${hashes})`,
    push_subscriptions: sql`delete from push_subscriptions where address_hash in (${hashes}) or person_id = ${people}`,
    sessions: sql`delete from sessions where sess ->> 'personId' = any(${personIds})`,
    email_tokens: sql`delete from email_tokens where lower(email) = any(${emails})`,
    rate_limits: sql`delete from rate_limits where lower(key) like any(${named}::text[])`,
    people: sql`delete from people where id = ${people}`,
  };
}

/** Contacts and leads keep what ties them to their account and nothing of the human; lists show them no more. */
const emptied = (table: 'contacts' | 'leads', which: RawBuilder<unknown>): RawBuilder<unknown> => {
  const own =
    table === 'contacts' ? sql`department = null, locale = null` : sql`company = null, country = null`;
  return sql`
    update ${sql.table(table)} set name = '', first_name = null, last_name = null, email = null, phone = null, title = null,
      ${own}, attributes = '{}', deleted_at = coalesce(deleted_at, now())
    where ${which}`;
};

export async function finish(
  tx: Tx,
  id: string,
  { counts, toDo, at }: { counts: Record<string, number>; toDo: readonly ToDo[]; at: Date },
): Promise<void> {
  await sql`
    update erasures set sealed_subject = null, finished_at = ${at}, counts = ${JSON.stringify(counts)}::jsonb,
      to_do = ${JSON.stringify(toDo)}::jsonb where id = ${id}`.execute(tx);
}

const columns = sql`id, asked_by as "askedBy", asked_at as "askedAt", finished_at as "finishedAt", counts, to_do as "toDo"`;

export async function selectErasures(scope: RawBuilder<boolean>): Promise<Erasure[]> {
  const { rows } = await sql<Erasure>`
    select ${columns} from erasures where ${scope} order by asked_at desc, id limit 100`.execute(db);
  return rows;
}

export async function selectErasure(scope: RawBuilder<boolean>, id: string): Promise<Erasure | undefined> {
  const { rows } = await sql<Erasure>`select ${columns} from erasures where ${scope} and id = ${id}`.execute(
    db,
  );
  return rows[0];
}

export async function isAnybodyErased(at: Db): Promise<boolean> {
  const { rows } = await sql`select from erased_identities limit 1`.execute(at);
  return rows.length > 0;
}

/** Empties records of people who were erased, known by the hash of their address, and has them read no more. */
export async function emptyReturned(tx: Tx, table: 'contacts' | 'leads', among?: Query): Promise<void> {
  const { rows } = await sql<{ id: string; erasureId: string }>`
    select r.id, i.erasure_id as "erasureId" from ${sql.table(table)} r
    join erased_identities i on i.hash = erasure_hash(r.email)
    where r.email is not null and ${among === undefined ? sql`true` : sql`r.id in (${among})`}
    for update of r`.execute(tx);
  if (rows.length === 0) return;
  await emptied(table, sql`id = any(${rows.map(({ id }) => id)})`).execute(tx);
  await sql`
    insert into erased_records (record_id, sobject, erasure_id)
    select id, ${table === 'contacts' ? 'Contact' : 'Lead'}, "erasureId"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id text, "erasureId" uuid)
    on conflict do nothing`.execute(tx);
}
