import { sql } from '../platform/db.ts';
import { attributeFields } from '../rules/attributes.ts';
import { aggregateOf, countOf, sumOf, which } from '../rules/counts.ts';
import { type Choice, column, type Field } from '../rules/fields.ts';

import { licenseObjects } from './salesforce.ts';

/** What a rule can ask of an account's licenses, and of each of them. */
export async function licenseFields(): Promise<Field[]> {
  const mapping = licenseObjects.find(({ table }) => table === 'licenses');
  const attributes = mapping && {
    mapping,
    entity: 'license' as const,
    name: 'license.attributes',
    group: 'licenseAttributes',
    attributes: column('l.attributes'),
  };
  return [...ofAccount, ...license, ...(attributes ? await attributeFields(attributes) : [])];
}

const rows = {
  entity: 'license',
  rows: sql`licenses l`,
  account: 'l.account_id',
  where: sql<boolean>`l.deleted_at is null and l.account_id is not null and l.kind is distinct from 'Channel Code'`,
} as const;

const field = { entity: 'account', group: 'licenses', parameters: [which('license')] } as const;

const ofAccount: Field[] = [
  { ...field, name: 'account.licenses', type: 'number', isKnown: true, sql: countOf(rows) },
  { ...field, name: 'account.licensedSeats', type: 'number', isKnown: true, sql: sumOf(rows, 'l.seats') },
  {
    ...field,
    name: 'account.supportUntil',
    type: 'date',
    sql: aggregateOf(rows, () => sql`max(l.support_until)`),
  },
  {
    ...field,
    name: 'account.nextRenewalOn',
    type: 'date',
    sql: aggregateOf(
      rows,
      (today) =>
        sql`min(l.support_until) filter (where l.support_until >= ${today}::date and not l.is_trial
              and coalesce(l.status not in ('Replaced', 'Revoked'), true))`,
    ),
  },
];

const product = (name: string): Field['sql'] => {
  return ({ join }) =>
    join(sql`products`, (row) => sql`${row('id')} = l.product_id`, 'license products')(name);
};

/** The values that a column has. */
const found = (table: string, name: string) => sql<Choice>`
  select distinct ${sql.ref(name)} as value, ${sql.ref(name)} as label from ${sql.table(table)}
  where ${sql.ref(name)} <> '' and deleted_at is null order by 1 limit 200`;

const one = { entity: 'license', group: 'license' } as const;

const license: Field[] = [
  {
    ...one,
    name: 'license.product',
    type: 'choice',
    offers: found('products', 'name'),
    sql: product('name'),
  },
  {
    ...one,
    name: 'license.family',
    type: 'choice',
    offers: found('products', 'family'),
    sql: product('family'),
  },
  {
    ...one,
    name: 'license.edition',
    type: 'choice',
    offers: found('licenses', 'edition'),
    sql: column('l.edition'),
  },
  { ...one, name: 'license.version', type: 'text', sql: column('l.version') },
  {
    ...one,
    name: 'license.status',
    type: 'choice',
    offers: found('licenses', 'status'),
    sql: column('l.status'),
  },
  { ...one, name: 'license.seats', type: 'number', sql: column('l.seats') },
  { ...one, name: 'license.isTrial', type: 'boolean', isKnown: true, sql: column('l.is_trial') },
  { ...one, name: 'license.purchasedOn', type: 'date', sql: column('l.purchased_on') },
  { ...one, name: 'license.supportUntil', type: 'date', sql: column('l.support_until') },
  {
    ...one,
    name: 'license.daysLeft',
    type: 'number',
    sql: ({ today }) => sql`(l.support_until - ${today}::date)`,
  },
];
