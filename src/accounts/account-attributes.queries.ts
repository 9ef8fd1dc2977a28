import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';
import type { Form } from '../platform/salesforce/mirror/mapping.ts';
import type { Value } from '../platform/salesforce/outbox/outbox.ts';

type Condition = RawBuilder<boolean>;

/** An account as the mirror's table holds it. */
export interface AccountRow {
  columns: Record<string, unknown>;
  attributes: Record<string, unknown>;
}

const row = (scope: Condition, accountId: string) => sql<AccountRow>`
  select to_jsonb(a) - 'attributes' as columns, a.attributes from accounts a
  where a.id = ${accountId} and a.deleted_at is null and ${scope}`;

export async function selectRow(scope: Condition, accountId: string): Promise<AccountRow | undefined> {
  const { rows } = await row(scope, accountId).execute(db);
  return rows[0];
}

export async function lockRow(tx: Tx, scope: Condition, accountId: string): Promise<AccountRow | undefined> {
  const { rows } = await sql<AccountRow>`${row(scope, accountId)} for update`.execute(tx);
  return rows[0];
}

export async function selectUsers(
  scope: Condition,
): Promise<{ id: string; name: string; isActive: boolean }[]> {
  const { rows } = await sql<{ id: string; name: string; isActive: boolean }>`
    select id, name, is_active as "isActive" from users where deleted_at is null and ${scope}
    order by lower(name), id limit 2000`.execute(db);
  return rows;
}

const types: Record<Form, string> = {
  text: 'text', integer: 'integer', number: 'numeric', minor: 'bigint', boolean: 'boolean', date: 'date', moment: 'timestamptz',
  list: 'text[]',
}; // prettier-ignore

/** Columns keep their values in their own form; the rest goes to the attributes, where the empty ones are left out. */
export async function updateRow(
  tx: Tx,
  accountId: string,
  given: {
    columns: readonly { column: string; form: Form; value: Value }[];
    attributes: Record<string, Value>;
  },
): Promise<void> {
  const sets = given.columns.map(
    ({ column, form, value }) => sql`${sql.ref(column)} = ${formed(form, value)}::${sql.raw(types[form])}`,
  );
  const attributes = sql`attributes = jsonb_strip_nulls(attributes || ${JSON.stringify(given.attributes)}::jsonb)`;
  await sql`update accounts set ${sql.join([...sets, attributes])} where id = ${accountId}`.execute(tx);
}

function formed(form: Form, value: Value): unknown {
  if (value === null) return null;
  if (form === 'minor') return Math.round(Number(value) * 100);
  return form === 'list' ? String(value).split(';') : value;
}
