import { type Viewer, withinCases } from '../access/viewer.ts';
import { db, sql } from '../platform/db.ts';

interface AnswerRow {
  caseId: string;
  subject: string;
  author: string | null;
  at: Date;
  text: string;
}

/* Each half is cut by itself, so that the newest are found without sorting every answer ever given. */
export async function selectLatestAnswers(viewer: Viewer, limit: number): Promise<AnswerRow[]> {
  const { rows } = await sql<AnswerRow>`
    select * from (
      (select cases.id as "caseId", cases.subject, users.name as author, c.created_at as at, left(c.body, 1000) as text
       from case_comments c join cases on cases.id = c.case_id left join users on users.id = c.author_id
       where ${withinCases(viewer)} and cases.deleted_at is null
         and c.is_published and c.written_by is null and c.deleted_at is null
       order by c.created_at desc limit ${limit})
      union all
      (select cases.id, cases.subject, e.from_name, coalesce(e.sent_at, e.created_at, e.modified_at) as at,
              left(coalesce(nullif(e.text_body, ''), e.subject, ''), 1000)
       from case_emails e join cases on cases.id = e.case_id
       where ${withinCases(viewer)} and cases.deleted_at is null
         and e.is_externally_visible and not e.is_incoming and e.deleted_at is null
       order by at desc limit ${limit})) answers
    order by at desc limit ${limit}`.execute(db);
  return rows;
}
