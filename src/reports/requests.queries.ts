import './tables.ts';
import { staffWith } from '../access/people.ts';
import { db, sql, type Tx } from '../platform/db.ts';

import type { ReportRequest } from './requests.ts';

export async function insertRequest(
  tx: Tx,
  {
    personId,
    question,
    report,
    at,
  }: { personId: string; question: string; report: string | undefined; at: Date },
): Promise<void> {
  await tx
    .insertInto('report_requests')
    .values({ person_id: personId, question, report: report ?? null, asked_at: at })
    .execute();
}

/** The administrators among the staff. */
export async function selectAdmins(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select p.id from people p where ${staffWith(['admin'])} order by p.id`.execute(tx);
  return rows.map(({ id }) => id);
}

export async function selectRequests(ownOf: string | undefined): Promise<ReportRequest[]> {
  const { rows } = await sql<ReportRequest>`
    select r.id, r.report, r.question, p.name as "askedBy", r.asked_at as "askedAt", r.answer, s.name as "settledBy", r.settled_at as "settledAt"
    from report_requests r left join people p on p.id = r.person_id left join people s on s.id = r.settled_by
    where ${ownOf === undefined ? sql`true` : sql`r.person_id = ${ownOf}`}
    order by r.settled_at is not null, r.asked_at desc limit 200`.execute(db);
  return rows;
}

export async function countWaiting(): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) from report_requests where settled_at is null`.execute(db);
  return rows[0]?.count ?? 0;
}

export async function updateAnswer(
  tx: Tx,
  { id, answer, by, at }: { id: string; answer: string; by: string; at: Date },
): Promise<{ personId: string | null } | undefined> {
  const { rows } = await sql<{ personId: string | null }>`
    update report_requests set answer = ${answer}, settled_by = ${by}, settled_at = ${at} where id = ${id}
    returning person_id as "personId"`.execute(tx);
  return rows[0];
}

export async function hasRequest(id: string): Promise<boolean> {
  const { rows } = await sql`select from report_requests where id = ${id}`.execute(db);
  return rows.length > 0;
}
