import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { sql } from '../platform/db.ts';

import { type AccountFilter, NONE, PERSISTENT_DAYS, type Size, sizes } from './filters.ts';

export type Condition = RawBuilder<boolean>;

/** Accounts `a` with their health `h`, engagement `e` and risk `r`; what a statement does not ask of them is not joined. */
export const sources = sql`
  accounts a left join health h on h.account_id = a.id left join account_engagement e on e.account_id = a.id
  left join account_risk r on r.account_id = a.id`;

/** `%` and `_` are letters in a search, not wildcards. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

type Tests = {
  [Name in keyof AccountFilter]-?: (wanted: NonNullable<AccountFilter[Name]>) => RawBuilder<unknown>;
};

const orNone = (column: RawBuilder<unknown>, value: string) =>
  value === NONE ? sql`${column} is null` : sql`${column} = ${value}`;

const tests: Tests = {
  search: (text) => sql`lower(a.name) like lower(${containing(text)})`,
  type: (value) => orNone(sql`a.type`, value),
  industry: (value) => orNone(sql`a.industry`, value),
  country: (value) => orNone(sql`a.billing_country`, value),
  ownerId: (id) => sql`a.owner_id = ${id}`,
  managerId: (id) => orNone(managerOf(), id),
  size: (size) => (size === NONE ? sql`a.employees is null` : within(size)),
  status: (status) =>
    status === 'unknown' ? sql`coalesce(h.status, 'unknown') = 'unknown'` : sql`h.status = ${status}`,
  rank: (rank) => sql`h.rank = ${rank}`,
  stage: (value) => orNone(sql`e.stage`, value),
  frequency: (value) => orNone(sql`e.frequency`, value),
  risk: (value) => orNone(sql`r.level`, value),
  tag: (tag) =>
    sql`exists (select from account_tags tagged where tagged.account_id = a.id and tagged.tag = ${tag})`,
  isNeedy: (isAsked) => (isAsked ? sql`h.rank in ('poor', 'average')` : sql`true`),
  persistent: (isAsked) => (isAsked ? persistentlyPoor : sql`true`),
  renewalDays: (days) => sql`h.status = 'paying' and h.renewal_on <= current_date + ${days}::int`,
  attribute: ({ name, value }) =>
    value === NONE
      ? sql`coalesce(a.attributes ->> ${name}, '') = ''`
      : sql`a.attributes ->> ${name} = ${value}`,
};

function within(size: Size): RawBuilder<unknown> {
  const { from, to } = sizes[size];
  return to === null ? sql`a.employees >= ${from}` : sql`a.employees between ${from} and ${to}`;
}

/** Poor, and since so long that it is no passing thing (HE22). */
export const persistentlyPoor = sql<boolean>`
  (h.rank = 'poor' and h.rank_since <= now() - ${PERSISTENT_DAYS} * interval '1 day')`;

/** The conditions of a filter over `sources`; removed accounts are in no list. */
export function matching(scope: Condition, filter: AccountFilter): Condition {
  const isRanked = filter.rank !== undefined || filter.isNeedy === true;
  /* Accounts with a rank are the paying ones: an index of ranks tells enough. */
  const names = (Object.keys(tests) as (keyof AccountFilter)[]).filter(
    (name) => !(name === 'status' && isRanked && filter.status === 'paying'),
  );
  const wanted = names.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [(tests[name] as (value: unknown) => RawBuilder<unknown>)(value)];
  });
  return sql<boolean>`(${sql.join([sql`a.deleted_at is null`, scope, notRemoved('a.id'), ...wanted], sql` and `)})`;
}
