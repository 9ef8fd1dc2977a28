import type pg from 'pg';

import { tables } from './tables.ts';

/** Sees that every column that is to be filled exists. @throws Error that says whether to deploy the package first. */
export async function requirePackage(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select table_name as "table", column_name as "column" from information_schema.columns
      where table_schema = 'sandbox' and is_generated = 'NEVER'`,
  );
  const known = new Set(rows.map(({ table, column }) => `${table}.${column}`));
  const missing = Object.entries(tables).flatMap(([table, columns]) =>
    columns.map((column) => `${table}.${column}`).filter((name) => !known.has(name)),
  );
  if (missing.length === 0) return;
  const ofPackage = missing.every((name) => name.includes('Rapport_'));
  const reason = ofPackage
    ? 'The package in salesforce/ is not deployed to this org'
    : 'The org lacks fields';
  throw new Error(`${reason}: ${missing.slice(0, 8).join(', ')}${missing.length > 8 ? ' …' : ''}.`);
}
