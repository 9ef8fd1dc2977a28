import { now } from '../../clock.ts';
import { db, sql, transaction, type Tx } from '../../db.ts';
import { NotFound } from '../../errors.ts';

import { SalesforceFailure } from '../wire/errors.ts';

/* The mirror is of one org. Another one behind the same address, which is what a refreshed sandbox is, stops the exchange both
   ways until a person has confirmed that it is meant: else our writes would go to records of another world. */

/** An org that answered. */
export interface SeenOrg {
  orgId: string;
  instanceUrl: string;
  seenAt: Date;
}

/** Keeps which org answered; the first one ever is the mirror's. */
export async function noteOrg(tx: Tx, orgId: string, instanceUrl: string): Promise<void> {
  await sql`
    insert into salesforce_orgs (org_id, instance_url, seen_at, confirmed_at, is_current)
    select ${orgId}, ${instanceUrl}, ${now()}, case when is_first then ${now()}::timestamptz end, is_first
    from (select not exists (select from salesforce_orgs where is_current) as is_first) one
    on conflict (org_id) do update set instance_url = excluded.instance_url, seen_at = excluded.seen_at`.execute(
    tx,
  );
}

/** @throws SalesforceFailure of kind auth when that is not the org of the mirror */
export async function expectSameOrg(orgId: string): Promise<void> {
  const current = await db
    .selectFrom('salesforce_orgs')
    .select('org_id as orgId')
    .where('is_current', '=', true)
    .executeTakeFirst();
  if (current === undefined || current.orgId === orgId) return;
  throw new SalesforceFailure(
    'ORG_CHANGED',
    `Another org answers (${orgId} instead of ${current.orgId}): an administrator has to confirm that it is meant.`,
    { kind: 'auth' },
  );
}

/** The org that answered last though it is not the mirror's, with the mirror's own; undefined when all is as it should be. */
export async function orgInQuestion(): Promise<{ current: SeenOrg; other: SeenOrg } | undefined> {
  const rows = await db
    .selectFrom('salesforce_orgs')
    .select([
      'org_id as orgId',
      'instance_url as instanceUrl',
      'seen_at as seenAt',
      'is_current as isCurrent',
    ])
    .orderBy('seen_at', 'desc')
    .execute();
  const [newest] = rows;
  const current = rows.find(({ isCurrent }) => isCurrent);
  return newest === undefined || current === undefined || newest.isCurrent
    ? undefined
    : { current, other: newest };
}

/**
 * Takes another org for the mirror's from now on. Everything is loaded again: rows with an id of ours are found under their new id,
 * what that org does not have is buried, and what was delivered is looked up anew.
 */
export async function confirmOrg(orgId: string, by: string): Promise<void> {
  await transaction(async (tx) => {
    await sql`set local statement_timeout to '10min'`.execute(tx);
    await sql`update salesforce_orgs set is_current = false where is_current`.execute(tx);
    const { numAffectedRows } = await sql`
      update salesforce_orgs set is_current = true, confirmed_at = ${now()}, confirmed_by = ${by} where org_id = ${orgId}`.execute(
      tx,
    );
    if (numAffectedRows !== 1n) throw new NotFound();
    const { rows } = await sql<{
      table: string;
    }>`select distinct table_name as table from sync_states`.execute(tx);
    for (const { table } of rows)
      await sql`update ${sql.table(table)} set modified_at = 'epoch' where modified_at > 'epoch'`.execute(tx);
    await sql`
      update sync_states set phase = 'waiting', bulk_job = null, bulk_locator = null, error = null, load_started_at = null,
        seen_at = 'epoch', mark_at = 'epoch' where mark_at is not null`.execute(tx);
    await sql`
      update outbox set salesforce_id = null where operation <> 'update' and status <> 'discarded'`.execute(
      tx,
    );
  });
}

/** After cases were loaded: what was delivered has the id that its record has now. */
export async function followDeliveries({ table }: { table: string }): Promise<void> {
  if (table !== 'cases') return;
  await sql`
    update outbox o set salesforce_id = c.salesforce_id from cases c
    where o.sobject = 'Case' and o.operation = 'upsert' and o.status = 'delivered' and o.salesforce_id is null
      and o.rapport_id = c.id::text and c.salesforce_id is not null`.execute(db);
}
