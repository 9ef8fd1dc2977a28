import { sql, type Tx } from '../../platform/db.ts';

import type { Requested } from './decisions.ts';

type Approvals = 'campaign_approvals' | 'track_approvals';

/** What Requested says, over the sources of `approvalsIn`. */
export const requestedColumns = sql`
  v.id, v.requested_by as "requestedBy", q.name as "requestedByName", v.requested_at as "requestedAt", v.decided_by as "decidedBy",
  d.name as "decidedByName", v.decided_at as "decidedAt", v.decision, v.comment`;

/** The approvals of one kind as `v`, who asked as `q` and who decided as `d`. */
export const approvalsIn = (table: Approvals) => sql`
  ${sql.table(table)} v left join people q on q.id = v.requested_by left join people d on d.id = v.decided_by`;

export interface Decided {
  decision: NonNullable<Requested['decision']>;
  comment: string;
  by: string;
  at: Date;
}

/** Writes down what became of a request, unless something did before. */
export async function decide(
  tx: Tx,
  table: Approvals,
  id: number,
  { decision, comment, by, at }: Decided,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set decision = ${decision}, comment = ${comment}, decided_by = ${by}, decided_at = ${at}
    where id = ${id} and decision is null`.execute(tx);
}
