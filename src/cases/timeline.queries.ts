import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

/** `held`: Salesforce did not take it, or holds something else, and staff look at it. `refused`: it was not to be. */
export type Standing = 'pending' | 'held' | 'refused';

export interface TimelineRow {
  kind: 'comment' | 'email' | 'status' | 'act' | 'file';
  id: string;
  at: Date;
  /** The e-mail's subject, the file's name, the act, or the status before; empty where there is none. */
  title: string;
  /** Text; of a change the status after; of an act when Salesforce took it. */
  body: string;
  html: string | null;
  author: string | null;
  isFromPortal: boolean;
  /** Of what was done here: how far it is on its way to Salesforce; null once it is there. */
  standing: Standing | null;
  size: number | null;
}

/**
 * Everything of a case that customers may see, oldest first: published comments, external e-mails, changes of status, what
 * was done in the portal, and files. The case must have been selected within the viewer's scope before.
 */
export async function selectTimeline(caseId: string): Promise<TimelineRow[]> {
  const { rows } = await sql<TimelineRow>`
    select 'comment' as kind, c.id::text as id, c.created_at as at, '' as title, c.body, null as html,
           users.name as author, c.written_by is not null as "isFromPortal",
           case when c.salesforce_id is null then ${standingOf({ refusedAt: sql`c.refused_at`, outboxRow: sql`o.rapport_id = c.id::text and o.sobject = 'CaseComment'` })} end as standing,
           null::bigint as size, c.salesforce_id as sequence
    from case_comments c left join users on users.id = c.author_id
    where c.case_id = ${caseId} and c.is_published and c.deleted_at is null
    union all
    select 'email', md5(e.id), coalesce(e.sent_at, e.created_at, e.modified_at), coalesce(e.subject, ''), coalesce(e.text_body, ''), e.html_body,
           e.from_name, e.is_incoming, null, null, e.id
    from case_emails e
    where e.case_id = ${caseId} and e.is_externally_visible and e.deleted_at is null
    union all
    select 'status', md5(h.id), h.created_at, coalesce(h.old_value, ''), coalesce(h.new_value, ''), null, null, false, null, null, h.id
    from case_changes h
    where h.case_id = ${caseId} and h.field = 'Status' and h.created_at is not null and h.deleted_at is null
    union all
    select 'act', a.id::text, a.acted_at, a.kind,
           coalesce(to_char(a.delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ''),
           null, a.person_name, true,
           case when a.delivered_at is null then ${standingOf({ refusedAt: sql`a.refused_at`, outboxRow: sql`o.id = a.outbox_id` })} end,
           null, null
    from case_acts a where a.case_id = ${caseId}
    union all
    select 'file', f.id, f.at, f.name, '', null, f.added_by, f.is_from_portal, f.standing, f.size, f.id
    from (${caseFiles(caseId)}) f
    order by at, kind, sequence, id`.execute(db);
  return rows;
}

interface OnItsWay {
  refusedAt: RawBuilder<unknown>;
  /** The condition on the outbox, `o`, that finds what it is on its way with. */
  outboxRow: RawBuilder<unknown>;
}

/** How far something is that Salesforce does not have. */
function standingOf({ refusedAt, outboxRow }: OnItsWay) {
  return sql`case when ${refusedAt} is not null then 'refused'
    when exists (select from outbox o where ${outboxRow} and o.status in ('failed', 'conflict')) then 'held'
    else 'pending' end`;
}

/**
 * The files of a case that customers may see: those that Salesforce shares with all users, in their newest version, and those
 * handed in here that it has not shown yet. `id` is ours, never Salesforce's.
 */
export const caseFiles = (caseId: string) => sql`
  select coalesce(handed.id::text, md5(l.document_id || l.case_id)::uuid::text) as id,
         v.id as version_id, null::uuid as upload_id, coalesce(v.created_at, v.modified_at) as at,
         coalesce(handed.name, case when v.extension is null or v.extension = ''
           or lower(v.title) like '%.' || lower(v.extension) then v.title else v.title || '.' || v.extension end) as name,
         v.size_bytes as size, handed.id is not null as is_from_portal, null as standing, people.name as added_by
  from file_links l
  join file_versions v on v.document_id = l.document_id and v.is_latest and v.deleted_at is null
  left join uploads handed on handed.id::text = v.rapport_id and handed.case_id = l.case_id
  left join people on people.id = handed.person_id
  where l.case_id = ${caseId} and l.visibility = 'AllUsers' and l.deleted_at is null
  union all
  select u.id::text, u.salesforce_id, case when u.delivered_at is null then u.id end, u.attached_at, u.name, u.size_bytes,
         true, case when u.delivered_at is null then ${standingOf({ refusedAt: sql`u.refused_at`, outboxRow: sql`o.rapport_id = u.id::text and o.sobject = 'ContentVersion'` })} end, people.name
  from uploads u left join people on people.id = u.person_id
  where u.case_id = ${caseId} and not exists (
    select from file_versions v join file_links l on l.document_id = v.document_id and l.case_id = u.case_id
    where v.rapport_id = u.id::text)`;
