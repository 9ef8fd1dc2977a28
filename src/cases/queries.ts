import type { RawBuilder } from 'kysely';

import { type AccountViewer, type Viewer, withinCases } from '../access/viewer.ts';
import { db, prepared, sql, type Tx } from '../platform/db.ts';

import type { CaseSearch, NewCase } from './cases.ts';
import { NEW_STATUS, receivedStatuses, waitingStatuses } from './status.ts';

export interface CaseRow {
  id: string;
  salesforceId: string | null;
  number: string | null;
  subject: string;
  status: string;
  isClosed: boolean;
  priority: string | null;
  createdAt: Date;
  updatedAt: Date;
  contactId: string | null;
  contactName: string | null;
  /** Salesforce did not take it: staff look at it, or have given it up. */
  refusal: 'held' | 'refused' | null;
}

export interface CaseDetailRow extends CaseRow {
  description: string;
  productName: string | null;
}

/** When something that customers can see last happened to a case. */
const lastSeen = sql<Date>`greatest(cases.created_at,
  (select max(c.created_at) from case_comments c
   where c.case_id = cases.id and c.is_published and c.deleted_at is null),
  (select max(coalesce(e.sent_at, e.created_at)) from case_emails e
   where e.case_id = cases.id and e.is_externally_visible and e.deleted_at is null),
  (select max(h.created_at) from case_changes h
   where h.case_id = cases.id and h.field = 'Status' and h.deleted_at is null),
  (select max(a.acted_at) from case_acts a where a.case_id = cases.id),
  (select max(u.attached_at) from uploads u where u.case_id = cases.id))`;

const columns = (
  updatedAt: RawBuilder<Date>,
) => sql`cases.id, cases.salesforce_id as "salesforceId", cases.number, cases.subject, cases.status,
  cases.is_closed as "isClosed", cases.priority, cases.created_at as "createdAt", ${updatedAt} as "updatedAt",
  cases.contact_id as "contactId", contacts.name as "contactName",
  case when cases.salesforce_id is not null then null when cases.refused_at is not null then 'refused'
    when exists (select from outbox o where o.rapport_id = cases.id::text and o.sobject = 'Case' and o.status in ('failed', 'conflict'))
    then 'held' end as refusal`;

const statusWord = sql`case when cases.is_closed then 'closed'
  when lower(trim(cases.status)) = any(${receivedStatuses}) then 'received'
  when lower(trim(cases.status)) = any(${waitingStatuses}) then 'waiting' else 'working' end`;

/** What a list is sorted by, of `cases`; by when something last happened is told apart, since it is found for all at once. */
const orders = {
  opened: sql`cases.created_at`,
  subject: sql`lower(cases.subject)`,
  status: sql`array_position(array['waiting','received','working','closed'], ${statusWord})`,
  priority: sql`array_position(array['high','medium','low'], lower(cases.priority))`,
};

/** What `lastSeen` looks for case by case, for many at once: a look-up of all their ids in each table, instead of five for each case. */
const happened = sql`
  select c.case_id, c.created_at as at from case_comments c, ids
  where c.case_id = any(ids.ids) and c.is_published and c.deleted_at is null
  union all select e.case_id, coalesce(e.sent_at, e.created_at) from case_emails e, ids
  where e.case_id = any(ids.ids) and e.is_externally_visible and e.deleted_at is null
  union all select h.case_id, h.created_at from case_changes h, ids
  where h.case_id = any(ids.ids) and h.field = 'Status' and h.deleted_at is null
  union all select a.case_id, a.acted_at from case_acts a, ids where a.case_id = any(ids.ids)
  union all select u.case_id, u.attached_at from uploads u, ids where u.case_id = any(ids.ids)`;

/** One page of the cases that a viewer sees, and how many there are on all pages. */
export async function selectCases(
  viewer: Viewer,
  search: CaseSearch,
): Promise<{ rows: CaseRow[]; total: number }> {
  const direction = search.descending ? sql`desc` : sql`asc`;
  const lastAt = sql`greatest(seen.created_at, last.at)`;
  const [key, place] = search.sort === 'updated' ? [sql`null`, lastAt] : [orders[search.sort], sql`seen.key`];
  const rows = await prepared(sql<CaseRow & { total: number }>`
    with seen as materialized (
      select cases.id, cases.created_at, ${key} as key from cases
      where ${withinCases(viewer)} and cases.deleted_at is null and ${matching(viewer, search)}
    ),
    ids as materialized (select array_agg(id) as ids from seen),
    last as (select case_id, max(at) as at from (${happened}) happened group by case_id),
    page as (
      select seen.id, ${lastAt} as updated_at, ${place} as place, count(*) over () as total
      from seen left join last on last.case_id = seen.id
      order by place ${direction} nulls last, seen.id limit ${search.size} offset ${(search.page - 1) * search.size}
    )
    select ${columns(sql`page.updated_at`)}, page.total
    from page join cases on cases.id = page.id left join contacts on contacts.id = cases.contact_id
    order by page.place ${direction} nulls last, page.id`);
  return { rows, total: rows[0]?.total ?? 0 };
}

function matching(viewer: Viewer, { text, status, priority, mine }: CaseSearch) {
  const conditions = [sql`true`];
  if (text !== '') conditions.push(textMatch(text));
  if (status === 'open') conditions.push(sql`not cases.is_closed`);
  else if (status !== 'any') conditions.push(sql`${statusWord} = ${status}`);
  if (priority !== 'any') conditions.push(sql`lower(cases.priority) = ${priority}`);
  if (mine && 'contactId' in viewer) conditions.push(sql`cases.contact_id = ${viewer.contactId}`);
  return sql.join(conditions, sql` and `);
}

/** The text as typed, wherever customers can read it: `%` and `_` are letters like others. */
function textMatch(text: string) {
  const pattern = sql`lower(${`%${text.replace(/[\\%_]/g, '\\$&')}%`})`;
  return sql`(lower(cases.subject) like ${pattern} or lower(cases.description) like ${pattern} or cases.number like ${pattern}
    or exists (select from case_comments c where c.case_id = cases.id and c.is_published and c.deleted_at is null
               and lower(c.body) like ${pattern}))`;
}

export async function selectCase(viewer: Viewer, id: string): Promise<CaseDetailRow | undefined> {
  const { rows } = await sql<CaseDetailRow>`
    select ${columns(lastSeen)}, cases.description, products.name as "productName"
    from cases left join contacts on contacts.id = cases.contact_id left join products on products.id = cases.product_id
    where cases.id = ${id} and ${withinCases(viewer)} and cases.deleted_at is null`.execute(db);
  return rows[0];
}

/** The account of a case, if it is one of these. */
export async function selectAccountOfCase(
  id: string,
  accountIds: readonly string[],
): Promise<string | undefined> {
  const found = await db
    .selectFrom('cases')
    .select('account_id')
    .where('id', '=', id)
    .where('account_id', 'in', accountIds)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return found?.account_id ?? undefined;
}

/** What an act on a case needs to know of it, which holds until the act is done. */
export interface LockedCase {
  id: string;
  salesforceId: string | null;
  accountId: string;
  /** Salesforce's, as its people and ours have left it. */
  status: string;
  isClosed: boolean;
}

export async function lockCase(tx: Tx, viewer: Viewer, id: string): Promise<LockedCase | undefined> {
  const { rows } = await sql<LockedCase>`
    select cases.id, cases.salesforce_id as "salesforceId", cases.account_id as "accountId", cases.status,
      cases.is_closed as "isClosed"
    from cases where cases.id = ${id} and ${withinCases(viewer)} and cases.deleted_at is null for update`.execute(
    tx,
  );
  return rows[0];
}

interface InsertedCase extends NewCase {
  at: Date;
}

/** @returns whether it is new: the same form sent twice opens one case. */
export async function insertCase(tx: Tx, viewer: AccountViewer, opened: InsertedCase): Promise<boolean> {
  const { rows } = await sql`
    insert into cases (id, account_id, contact_id, subject, description, status, priority, origin, product_id, locale,
                       opened_by, created_at, modified_at)
    values (${opened.id}, ${viewer.accountId}, ${viewer.contactId}, ${opened.subject}, ${opened.description}, ${NEW_STATUS},
            ${salesforcePriority(opened.priority)}, 'Web', ${opened.productId ?? null}, ${viewer.locale},
            ${viewer.personId}, ${opened.at}, to_timestamp(0))
    on conflict (id) do nothing returning id`.execute(tx);
  return rows.length === 1;
}

export const salesforcePriority = (priority: string): string =>
  priority.charAt(0).toUpperCase() + priority.slice(1);

export interface InsertedComment {
  id: string;
  caseId: string;
  caseSalesforceId: string | null;
  body: string;
  at: Date;
}

/** Whether a reply of that id has been taken for the case, in words or files: a form sent twice. */
export async function isKnownReply(tx: Tx, caseId: string, replyId: string): Promise<boolean> {
  const { rows } = await sql<{ isKnown: boolean }>`
    select exists (select from case_comments where case_id = ${caseId} and id = ${replyId})
        or exists (select from uploads where case_id = ${caseId} and form_id = ${replyId}) as "isKnown"`.execute(
    tx,
  );
  return rows[0]?.isKnown === true;
}

/** @returns whether its id was free. */
export async function insertComment(
  tx: Tx,
  viewer: AccountViewer,
  comment: InsertedComment,
): Promise<boolean> {
  const { rows } = await sql`
    insert into case_comments (id, case_id, case_salesforce_id, body, is_published, written_by, created_at, modified_at)
    values (${comment.id}, ${comment.caseId}, ${comment.caseSalesforceId}, ${comment.body}, true, ${viewer.personId},
            ${comment.at}, to_timestamp(0))
    on conflict (id) do nothing returning id`.execute(tx);
  return rows.length === 1;
}

export async function updateStatus(
  tx: Tx,
  { caseId, status, closedAt }: { caseId: string; status: string; closedAt: Date | undefined },
): Promise<void> {
  await sql`update cases set status = ${status}, is_closed = ${closedAt !== undefined}, closed_at = ${closedAt ?? null}
            where id = ${caseId}`.execute(tx);
}

export async function insertAct(
  tx: Tx,
  viewer: AccountViewer,
  act: { caseId: string; kind: 'closed' | 'reopened'; at: Date; outboxId: number },
): Promise<void> {
  await sql`insert into case_acts (case_id, person_id, person_name, kind, acted_at, outbox_id)
            values (${act.caseId}, ${viewer.personId}, ${viewer.name}, ${act.kind}, ${act.at}, ${act.outboxId})`.execute(
    tx,
  );
}

/** The products that the viewer's account has licenses of, by name: what a new case may be about. */
export async function selectProducts(viewer: AccountViewer): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select products.id, products.name from products
    where products.deleted_at is null and coalesce(products.kind, 'Product') <> 'Support' and products.id in (
      select product_id from licenses where account_id = ${viewer.accountId} and deleted_at is null)
    order by products.name`.execute(db);
  return rows;
}

/** Hangs what belongs to cases here on those that they became. */
export async function moveToCases(tx: Tx, batch: number): Promise<void> {
  for (const table of ['uploads', 'case_acts'])
    await sql`
      update ${sql.table(table)} each set case_id = m.to_id::uuid from mirror_moves m
      where m.batch = ${batch} and m.table_name = 'cases' and each.case_id = m.from_id::uuid`.execute(tx);
}
