import { db, sql, type Tx } from '../platform/db.ts';

/** Someone to be told something of a case. */
export interface Notice {
  caseId: string;
  number: string | null;
  subject: string;
  email: string;
  name: string;
  /** As it is written down; it may not be one of ours. */
  locale: string;
  /** The first words of the newest answer. */
  excerpt: string;
}

/** What tells which rows a batch of the sync changed, and from when on they are news. */
interface Batch {
  batch: number;
  at: Date;
  since: Date;
}

/**
 * Notes Support's published comments of a batch, once each, and says whom to tell: the contact of each case, in their
 * language. What was written in the portal is no news to them, even where the mirror meets it before it knows it for ours.
 */
export async function noteComments(tx: Tx, { batch, at, since }: Batch): Promise<Notice[]> {
  const { rows } = await sql<Notice>`
    with noted as (
      insert into case_notices (kind, source_id, case_id, noticed_at)
      select 'comment', coalesce(c.salesforce_id, c.id::text), c.case_id, ${at}
      from mirror_changes m join case_comments c on c.id::text = m.row_id
      where m.batch = ${batch} and m.table_name = 'case_comments' and c.is_published and c.deleted_at is null
        and c.written_by is null and c.case_id is not null and c.created_at >= ${since}
        and not exists (select from case_comments own where own.case_id = c.case_id and own.written_by is not null
                        and own.body = c.body)
      on conflict do nothing returning source_id, case_id)
    ${toldOf(sql`select noted.case_id, c.body, c.created_at as at from noted
      join case_comments c on coalesce(c.salesforce_id, c.id::text) = noted.source_id`)}`.execute(tx);
  return rows;
}

/** The same for e-mails that Support sent from the case and customers may see. */
export async function noteEmails(tx: Tx, { batch, at, since }: Batch): Promise<Notice[]> {
  const { rows } = await sql<Notice>`
    with noted as (
      insert into case_notices (kind, source_id, case_id, noticed_at)
      select 'email', e.id, e.case_id, ${at}
      from mirror_changes m join case_emails e on e.id = m.row_id
      where m.batch = ${batch} and m.table_name = 'case_emails' and e.is_externally_visible and not e.is_incoming
        and e.deleted_at is null and e.case_id is not null and coalesce(e.sent_at, e.created_at) >= ${since}
      on conflict do nothing returning source_id, case_id)
    ${toldOf(sql`select noted.case_id, coalesce(e.text_body, e.subject, '') as body, coalesce(e.sent_at, e.created_at) as at
      from noted join case_emails e on e.id = noted.source_id`)}`.execute(tx);
  return rows;
}

/** Notes the cases of a batch that Support closed, and forgets those that are open again. */
export async function noteClosings(tx: Tx, { batch, at, since }: Batch): Promise<Notice[]> {
  await sql`
    delete from case_closings using mirror_changes m, cases
    where m.batch = ${batch} and m.table_name = 'cases' and m.row_id = case_closings.case_id::text
      and cases.id = case_closings.case_id and not cases.is_closed
      and not exists (select from outbox where outbox.rapport_id = m.row_id and outbox.sobject = 'Case'
                      and outbox.status in ('waiting', 'sending'))`.execute(tx);
  const { rows } = await sql<Notice>`
    with noted as (
      insert into case_closings (case_id, noticed_at)
      select cases.id, ${at}
      from mirror_changes m join cases on cases.id::text = m.row_id
      where m.batch = ${batch} and m.table_name = 'cases' and cases.is_closed and cases.deleted_at is null
        and cases.closed_at >= ${since}
      on conflict do nothing returning case_id)
    ${toldOf(sql`select case_id, '' as body, now() as at from noted`)}`.execute(tx);
  return rows;
}

/** Of those answers, the newest of each case, with the contact to be told and the language they read. */
const toldOf = (answers: ReturnType<typeof sql>) => sql`
  select distinct on (cases.id) cases.id as "caseId", cases.number, cases.subject, contacts.email, contacts.name,
         coalesce(people.locale, contacts.locale, cases.locale, 'en') as locale, left(answers.body, 600) as excerpt
  from (${answers}) answers
  join cases on cases.id = answers.case_id and cases.deleted_at is null
  join contacts on contacts.id = cases.contact_id and contacts.deleted_at is null and contacts.email_normalized is not null
  left join people on people.email = contacts.email_normalized
  order by cases.id, answers.at desc`;

/** What an initial load brought is no news. */
export async function noteLoaded(table: string, at: Date, since: Date): Promise<void> {
  if (table === 'case_comments')
    await sql`insert into case_notices (kind, source_id, case_id, noticed_at)
      select 'comment', coalesce(salesforce_id, id::text), case_id, ${at} from case_comments
      where created_at >= ${since} on conflict do nothing`.execute(db);
  if (table === 'case_emails')
    await sql`insert into case_notices (kind, source_id, case_id, noticed_at)
      select 'email', id, case_id, ${at} from case_emails
      where coalesce(sent_at, created_at) >= ${since} on conflict do nothing`.execute(db);
  if (table === 'cases')
    await sql`insert into case_closings (case_id, noticed_at)
      select id, ${at} from cases where is_closed and closed_at >= ${since} on conflict do nothing`.execute(
      db,
    );
}

/** The contact knows that the case is closed: they did it themselves. */
export async function noteClosing(tx: Tx, caseId: string, at: Date): Promise<void> {
  await sql`insert into case_closings (case_id, noticed_at) values (${caseId}, ${at}) on conflict do nothing`.execute(
    tx,
  );
}

export async function forgetClosing(tx: Tx, caseId: string): Promise<void> {
  await sql`delete from case_closings where case_id = ${caseId}`.execute(tx);
}
