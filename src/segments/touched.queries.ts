import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

/** Where each table of the mirror names the accounts that a row of it may change something about. */
const accountsOf: Record<string, RawBuilder<unknown>> = {
  accounts: sql`select row_id as account_id from changed`,
  contacts: sql`
    select account_id from contacts where id in (select row_id from changed)
    union select account_id from account_people where contact_id in (select row_id from changed)`,
  account_contact_relations: sql`
    select account_id from account_contact_relations where id in (select row_id from changed)`,
  opportunities: sql`select account_id from opportunities where id in (select row_id from changed)`,
  opportunity_lines: sql`
    select o.account_id from opportunity_lines l join opportunities o on o.id = l.opportunity_id
    where l.id in (select row_id from changed)`,
  licenses: sql`select account_id from licenses where id in (select row_id from changed)`,
  cases: sql`select account_id from cases where id in (select row_id::uuid from changed)`,
};

/** The tables whose rows lists look at in so many places that everything is looked at again. */
export const wide: ReadonlySet<string> = new Set(['users', 'products']);

/** The accounts that a batch of the change log of the mirror touches; undefined for a table that lists do not look at. */
export function touchedByMirror(table: string, batch: number): RawBuilder<unknown> | undefined {
  const source = accountsOf[table];
  return source && sql`
    select account_id from (
      with changed as (select row_id from mirror_changes where batch = ${batch} and table_name = ${table}) ${source}) touched`; // prettier-ignore
}

export const touchedByHealth = (batch: number): RawBuilder<unknown> =>
  sql`select account_id from health_history where batch = ${batch}`;

/** Both accounts of every merge: the one that is gone, and the one that took over what hung on it. */
export const touchedByMoves = (batch: number): RawBuilder<unknown> => sql`
  select unnest(array[from_id, to_id]) as account_id from mirror_moves where batch = ${batch} and table_name = 'accounts'`;
