import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import type { Asked, Entity, Field, Parameter } from './fields.ts';

/** Rows that hang on accounts: its licenses, its cases, the accounts below it. */
interface Rows {
  /** What a rule about them is about; they stand under its alias. */
  entity: Entity;
  rows: RawBuilder<unknown>;
  /** The column that names the account they hang on. */
  account: string;
  where?: RawBuilder<boolean>;
  /** Where the rows are accounts themselves: a query of those that may be among them, given those that are asked about. */
  others?: (among: RawBuilder<unknown>) => RawBuilder<unknown>;
}

/** Of which rows a count is: the parameter of all fields of this file. */
export const which = (entity: Entity): Parameter => ({
  name: 'where',
  type: 'rule',
  entity,
  isOptional: true,
});

/** How many there are, of those that the rule in `where` selects. */
export const countOf =
  (rows: Rows): Field['sql'] =>
  (asked) =>
    sql`coalesce(${grouped(rows, sql`count(*)`, asked)}, 0)`;

/** What a column of theirs comes to: 0 without any. */
export const sumOf =
  (rows: Rows, column: string): Field['sql'] =>
  (asked) =>
    sql`coalesce(${grouped(rows, sql`sum(${sql.ref(column)})`, asked)}, 0)`;

/** Any other aggregate of theirs; null, not known, without any. */
export const aggregateOf =
  (rows: Rows, aggregate: (today: string) => RawBuilder<unknown>): Field['sql'] =>
  (asked) =>
    grouped(rows, aggregate(asked.today), asked);

/** One pass over the rows, whatever the number of accounts. */
function grouped({ entity, rows, account, where, others }: Rows, value: RawBuilder<unknown>, asked: Asked) {
  const within = asked.accounts && others?.(asked.accounts);
  const { sources, condition } = asked.within(entity, asked.given.rule('where'), within);
  const key = sql.ref(account);
  const of = asked.join(
    sql`(select ${key} as account_id, ${value} as value from ${rows} ${sources}
         where ${where ?? sql`true`} and ${asked.among(account)} and ${condition} group by 1)`,
    (row) => sql`${row('account_id')} = a.id`,
  );
  return of('value');
}
