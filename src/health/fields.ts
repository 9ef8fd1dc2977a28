import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';
import { type Asked, type Columns, type Field, ofAccountRow, type Parameter } from '../rules/fields.ts';

import { ranks } from './ranks.ts';

const own = { entity: 'account', group: 'health' } as const;
const kept = (column: string) => ofAccountRow('health', column);
const ago: Parameter = { name: 'ago', type: 'days', preset: 14 };

/** What a rule can ask of an account's health, now and before. */
export const healthFields: Field[] = [
  { ...own, name: 'account.rank', type: 'choice', choices: ranks, sql: kept('rank') },
  { ...own, name: 'account.score', type: 'number', sql: kept('score') },
  {
    ...own,
    name: 'account.rankSince',
    type: 'date',
    sql: (asked) => sql`${kept('rank_since')(asked)}::date`,
  },
  {
    ...own,
    name: 'account.rankBefore',
    type: 'choice',
    choices: ranks,
    parameters: [ago],
    sql: (asked) => before(asked)('rank'),
  },
  {
    ...own,
    name: 'account.scoreChange',
    type: 'number',
    parameters: [ago],
    sql: (asked) => sql`(${kept('score')(asked)} - ${before(asked)('score')})`,
  },
  { ...own, name: 'account.redFlags', type: 'number', sql: (asked) => redFlags(kept('reasons')(asked)) },
  { ...own, name: 'account.renewalOn', type: 'date', sql: kept('renewal_on') },
  { ...own, name: 'account.usageChange', type: 'number', sql: kept('usage_change') },
];

/** What was kept of the day so many days ago, or of the last day before it within a week. */
function before({ today, given, join, among }: Asked): Columns {
  const then = sql`${today}::date - ${given.days('ago') ?? 14}::int`;
  return join(
    sql`(
      select distinct on (account_id) account_id, rank, score from health_readings
      where day between ${then} - 7 and ${then} and ${among('account_id')} order by account_id, day desc)`,
    (row) => sql`${row('account_id')} = a.id`,
    `health before ${String(given.days('ago') ?? 14)}`,
  );
}

const redFlags = (reasons: RawBuilder<unknown>) =>
  sql`jsonb_array_length(jsonb_path_query_array(${reasons}, '$[*] ? (@.kind == "flag")'))`;
