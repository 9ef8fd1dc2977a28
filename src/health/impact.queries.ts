import { sql, type Db, type Tx } from '../platform/db.ts';

import type { Impact } from './impact.ts';

export async function maybeImpact(at: Db): Promise<Impact | undefined> {
  const { rows } = await sql<Impact>`select field, label from health_impact`.execute(at);
  return rows[0];
}

export async function keepImpact(tx: Tx, { field, label, now }: Impact & { now: Date }): Promise<void> {
  await sql`
    insert into health_impact (field, label, changed_at) values (${field}, ${label}, ${now})
    on conflict (is_one) do update set field = excluded.field, label = excluded.label, changed_at = excluded.changed_at`.execute(
    tx,
  );
}

export async function forgetImpact(tx: Tx): Promise<void> {
  await sql`delete from health_impact`.execute(tx);
}
