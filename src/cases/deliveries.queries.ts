import { db, sql } from '../platform/db.ts';

/** Salesforce has taken what was done to these cases in the portal: the acts that went with these rows; older ones go by their case. */
export async function deliverActs(
  delivered: readonly { rapportId: string; outboxId: number }[],
  at: Date,
): Promise<void> {
  await sql`
    update case_acts set delivered_at = ${at}
    from jsonb_to_recordset(${JSON.stringify(delivered)}::jsonb) as given ("rapportId" uuid, "outboxId" bigint)
    where case_acts.delivered_at is null and (case_acts.outbox_id = given."outboxId"
      or ((case_acts.outbox_id is null or given."outboxId" is null) and case_acts.case_id = given."rapportId"))`.execute(
    db,
  );
}

export async function refuseActs(outboxIds: readonly number[], at: Date): Promise<void> {
  await sql`update case_acts set refused_at = ${at}
            where outbox_id = any(${[...outboxIds]}::bigint[]) and delivered_at is null`.execute(db);
}

/** Cases that Salesforce never took; of those that it has, only an act was given up. */
export async function refuseCases(ids: readonly string[], at: Date): Promise<void> {
  await sql`update cases set refused_at = ${at}
            where id = any(${[...ids]}::uuid[]) and salesforce_id is null`.execute(db);
}

export async function refuseComments(ids: readonly string[], at: Date): Promise<void> {
  await sql`update case_comments set refused_at = ${at}
            where id = any(${[...ids]}::uuid[]) and salesforce_id is null`.execute(db);
}

export async function refuseUploads(ids: readonly string[], at: Date): Promise<void> {
  await sql`update uploads set refused_at = ${at}
            where id = any(${[...ids]}::uuid[]) and delivered_at is null`.execute(db);
}
