import { db, sql } from '../platform/db.ts';

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
  isPending: boolean;
  size: number | null;
}

/**
 * Everything of a case that customers may see, oldest first: published comments, external e-mails, changes of status, what
 * was done in the portal, and files. The case must have been selected within the viewer's scope before.
 */
export async function selectTimeline(caseId: string): Promise<TimelineRow[]> {
  const { rows } = await sql<TimelineRow>`
    select 'comment' as kind, c.id::text as id, c.created_at as at, '' as title, c.body, null as html,
           users.name as author, c.written_by is not null as "isFromPortal", c.salesforce_id is null as "isPending",
           null::bigint as size, c.salesforce_id as sequence
    from case_comments c left join users on users.id = c.author_id
    where c.case_id = ${caseId} and c.is_published and c.deleted_at is null
    union all
    select 'email', md5(e.id), coalesce(e.sent_at, e.created_at, e.modified_at), coalesce(e.subject, ''), coalesce(e.text_body, ''), e.html_body,
           e.from_name, e.is_incoming, false, null, e.id
    from case_emails e
    where e.case_id = ${caseId} and e.is_externally_visible and e.deleted_at is null
    union all
    select 'status', md5(h.id), h.created_at, coalesce(h.old_value, ''), coalesce(h.new_value, ''), null, null, false, false, null, h.id
    from case_changes h
    where h.case_id = ${caseId} and h.field = 'Status' and h.created_at is not null and h.deleted_at is null
    union all
    select 'act', a.id::text, a.acted_at, a.kind,
           coalesce(to_char(a.delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ''),
           null, a.person_name, true, a.delivered_at is null, null, null
    from case_acts a where a.case_id = ${caseId}
    union all
    select 'file', f.id, f.at, f.name, '', null, f.added_by, f.is_from_portal, f.is_pending, f.size, f.id
    from (${caseFiles(caseId)}) f
    order by at, kind, sequence, id`.execute(db);
  return rows;
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
         v.size_bytes as size, handed.id is not null as is_from_portal, false as is_pending, people.name as added_by
  from file_links l
  join file_versions v on v.document_id = l.document_id and v.is_latest and v.deleted_at is null
  left join uploads handed on handed.id::text = v.rapport_id and handed.case_id = l.case_id
  left join people on people.id = handed.person_id
  where l.case_id = ${caseId} and l.visibility = 'AllUsers' and l.deleted_at is null
  union all
  select u.id::text, u.salesforce_id, case when u.delivered_at is null then u.id end, u.attached_at, u.name, u.size_bytes,
         true, u.delivered_at is null, people.name
  from uploads u left join people on people.id = u.person_id
  where u.case_id = ${caseId} and not exists (
    select from file_versions v join file_links l on l.document_id = v.document_id and l.case_id = u.case_id
    where v.rapport_id = u.id::text)`;
