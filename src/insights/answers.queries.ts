import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../platform/db.ts';

import { handledAs } from './salesforce.ts';
import type { Answer } from './answers.ts';

/** An insight of that account, locked; undefined where there is none for this viewer. */
export async function lockInsight(
  tx: Tx,
  scope: RawBuilder<boolean>,
  { insightId, accountId }: { insightId: string; accountId: string },
): Promise<{ salesforceId: string | null } | undefined> {
  const { rows } = await sql<{ salesforceId: string | null }>`
    select salesforce_id as "salesforceId" from insights
    where ${scope} and id = ${insightId} and account_id = ${accountId} for update`.execute(tx);
  return rows[0];
}

interface Given {
  insightId: string;
  answer: Answer;
  feedback: string | null;
  recordId: string;
  actorId: string | null;
  at: Date;
}

/** The act, and the record as it will be: what is written comes back as no news. */
export async function keepAnswer(tx: Tx, { insightId, answer, ...given }: Given): Promise<void> {
  await sql`
    insert into insight_acts (insight_id, kind, record_id, actor_id, detail, acted_at)
    values (${insightId}, ${answer}, ${given.recordId}, ${given.actorId}, ${given.feedback}, ${given.at})
    on conflict (insight_id, kind, record_id) do nothing`.execute(tx);
  await sql`
    update insight_records set handled = ${handledAs[answer]}, feedback = coalesce(${given.feedback}, feedback)
    where id = ${given.recordId}`.execute(tx);
}
