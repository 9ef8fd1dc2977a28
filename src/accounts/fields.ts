import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';
import { attributeFields } from '../rules/attributes.ts';
import { aggregateOf, countOf, sumOf, which } from '../rules/counts.ts';
import { type Asked, type Choice, column, type Field } from '../rules/fields.ts';

import { managerOf } from './managers.ts';
import { accountObjects } from './salesforce.ts';

/** What a rule can ask of an account, its place among others, its opportunities, and of its contacts. */
export async function accountFields(): Promise<Field[]> {
  return [
    ...profile,
    ...hierarchy,
    ...opportunities,
    ...opportunity,
    ...contact,
    ...(await attributesOf('Account', 'account', column('a.attributes'))),
    ...(await attributesOf('Opportunity', 'opportunity', column('o.attributes'))),
    ...(await attributesOf('Contact', 'person', ofContact('attributes'))),
  ];
}

async function attributesOf(
  sobject: string,
  entity: 'account' | 'opportunity' | 'person',
  attributes: Field['sql'],
): Promise<Field[]> {
  const mapping = accountObjects.find((each) => each.sobject === sobject);
  if (mapping === undefined) return [];
  return await attributeFields({
    mapping,
    entity,
    attributes,
    name: `${entity}.attributes`,
    group: `${entity}Attributes`,
  });
}

const day = (reference: string) => () => sql`(${sql.ref(reference)} at time zone 'UTC')::date`;

/** The values of an indexed column of accounts, one look-up each. */
function existing(name: string): RawBuilder<Choice> {
  const value = sql.ref(name);
  return sql`
    with recursive found as (
      (select min(${value}) as value from accounts where deleted_at is null)
      union all
      select (select min(${value}) from accounts where deleted_at is null and ${value} > found.value)
      from found where found.value is not null
    ) select value, value as label from found where value is not null limit 300`;
}

const users = sql<Choice>`
  select id as value, name as label from users where is_active and deleted_at is null order by lower(name), id limit 300`;

const account = { entity: 'account', group: 'account' } as const;

const profile: Field[] = [
  { ...account, name: 'account.name', type: 'text', sql: column('a.name') },
  { ...account, name: 'account.type', type: 'choice', offers: existing('type'), sql: column('a.type') },
  {
    ...account,
    name: 'account.industry',
    type: 'choice',
    offers: existing('industry'),
    sql: column('a.industry'),
  },
  { ...account, name: 'account.employees', type: 'number', sql: column('a.employees') },
  { ...account, name: 'account.annualRevenue', type: 'money', sql: column('a.annual_revenue_minor') },
  {
    ...account,
    name: 'account.country',
    type: 'choice',
    offers: existing('billing_country'),
    sql: column('a.billing_country'),
  },
  { ...account, name: 'account.state', type: 'text', sql: column('a.billing_state') },
  { ...account, name: 'account.city', type: 'text', sql: column('a.billing_city') },
  { ...account, name: 'account.postalCode', type: 'text', sql: column('a.billing_postal_code') },
  { ...account, name: 'account.website', type: 'text', sql: column('a.website') },
  { ...account, name: 'account.phone', type: 'text', sql: column('a.phone') },
  { ...account, name: 'account.manager', type: 'choice', offers: users, sql: () => managerOf('a') },
  { ...account, name: 'account.owner', type: 'choice', offers: users, sql: column('a.owner_id') },
  { ...account, name: 'account.lastActivityOn', type: 'date', sql: column('a.last_activity_on') },
  { ...account, name: 'account.createdOn', type: 'date', sql: day('a.created_at') },
];

/** Pairs of accounts of which one is above the other, at any distance; a circle ends where it closes. */
const lineage = (among: RawBuilder<unknown> | undefined, step: RawBuilder<unknown>) => sql`
  (with recursive line as (
     select a.id as account_id, a.id as other_id from accounts a
     where a.deleted_at is null and ${among === undefined ? sql`true` : sql`a.id in (${among})`}
     union
     select line.account_id, ${step} and a.deleted_at is null
   ) select account_id, other_id from line where other_id <> account_id) link`;
const upwards = sql`a.id from line join accounts child on child.id = line.other_id join accounts a on a.id = child.parent_id`;
const downwards = sql`a.id from line join accounts a on a.parent_id = line.other_id`;

const isThere = sql<boolean>`a.deleted_at is null`;
const others = { entity: 'account', account: 'link.account_id', where: isThere } as const;

/** Accounts that a lookup of the account names. */
const named = (lookup: string) => ({
  ...others,
  rows: sql`(select id as account_id, ${sql.ref(lookup)} as other_id from accounts where deleted_at is null) link
            join accounts a on a.id = link.other_id`,
  others: (among: RawBuilder<unknown>) => sql`select ${sql.ref(lookup)} from accounts where id in (${among})`,
});

/** Accounts whose lookup names the account. */
const naming = (lookup: string) => ({
  ...others,
  rows: sql`accounts a`,
  account: `a.${lookup}`,
  where: sql<boolean>`a.deleted_at is null and ${sql.ref(`a.${lookup}`)} is not null`,
  others: (among: RawBuilder<unknown>) => sql`select id from accounts where ${sql.ref(lookup)} in (${among})`,
});

const inLine =
  (step: RawBuilder<unknown>): Field['sql'] =>
  (asked: Asked) =>
    countOf({
      ...others,
      rows: sql`${lineage(asked.accounts, step)} join accounts a on a.id = link.other_id`,
      others: (among) => sql`select other_id from ${lineage(among, step)}`,
    })(asked);

const relatives = {
  entity: 'account',
  group: 'hierarchy',
  type: 'number',
  isKnown: true,
  isOfOthers: true,
  parameters: [which('account')],
} as const;

const hierarchy: Field[] = [
  { ...relatives, name: 'account.parents', sql: countOf(named('parent_id')) },
  { ...relatives, name: 'account.ancestors', sql: inLine(upwards) },
  { ...relatives, name: 'account.children', sql: countOf(naming('parent_id')) },
  { ...relatives, name: 'account.descendants', sql: inLine(downwards) },
  { ...relatives, name: 'account.distributors', sql: countOf(named('distributor_id')) },
  { ...relatives, name: 'account.distributed', sql: countOf(naming('distributor_id')) },
  { ...relatives, name: 'account.partners', sql: countOf(named('partner_id')) },
  { ...relatives, name: 'account.partnered', sql: countOf(naming('partner_id')) },
];

const ofAccount = {
  entity: 'opportunity',
  rows: sql`opportunities o`,
  account: 'o.account_id',
  where: sql<boolean>`o.deleted_at is null and o.account_id is not null`,
} as const;

const money = { entity: 'account', group: 'opportunities', parameters: [which('opportunity')] } as const;

const opportunities: Field[] = [
  { ...money, name: 'account.opportunities', type: 'number', isKnown: true, sql: countOf(ofAccount) },
  {
    ...money,
    name: 'account.opportunityAmount',
    type: 'money',
    isKnown: true,
    sql: sumOf(ofAccount, 'o.amount_minor'),
  },
  {
    ...money,
    name: 'account.nextCloseOn',
    type: 'date',
    sql: aggregateOf(ofAccount, (today) => sql`min(o.close_on) filter (where o.close_on >= ${today}::date and not o.is_closed)`),
  },
  {
    ...money,
    name: 'account.lastWonOn',
    type: 'date',
    sql: aggregateOf(ofAccount, (today) => sql`max(o.close_on) filter (where o.close_on <= ${today}::date and o.is_won)`),
  },
]; // prettier-ignore

const deal = { entity: 'opportunity', group: 'opportunity' } as const;

/** The values that a text column of opportunities has. */
const found = (name: string) => sql<Choice>`
  select distinct ${sql.ref(name)} as value, ${sql.ref(name)} as label from opportunities
  where ${sql.ref(name)} <> '' and deleted_at is null order by 1 limit 200`;

const opportunity: Field[] = [
  { ...deal, name: 'opportunity.name', type: 'text', sql: column('o.name') },
  { ...deal, name: 'opportunity.type', type: 'choice', offers: found('type'), sql: column('o.type') },
  { ...deal, name: 'opportunity.stage', type: 'choice', offers: found('stage'), sql: column('o.stage') },
  { ...deal, name: 'opportunity.isClosed', type: 'boolean', isKnown: true, sql: column('o.is_closed') },
  { ...deal, name: 'opportunity.isWon', type: 'boolean', isKnown: true, sql: column('o.is_won') },
  { ...deal, name: 'opportunity.amount', type: 'money', sql: column('o.amount_minor') },
  { ...deal, name: 'opportunity.closeOn', type: 'date', sql: column('o.close_on') },
  { ...deal, name: 'opportunity.createdOn', type: 'date', sql: day('o.created_at') },
  { ...deal, name: 'opportunity.owner', type: 'choice', offers: users, sql: column('o.owner_id') },
];

/** A column of the contact that a person is known as. */
const ofContact =
  (name: string): Field['sql'] =>
  ({ join }) =>
    join(
      sql`contacts`,
      (row) => sql`${row('id')} = p.contact_id and ${row('deleted_at')} is null`,
      'contacts',
    )(name);

/** The roles of each contact at each account, their own or another. */
const rolesAt: Field['sql'] = ({ join, among }) => {
  const of = join(
    sql`(select account_id as role_account, contact_id as role_contact, array_agg(distinct role) as roles
         from account_contact_relations, unnest(roles) role
         where is_active and deleted_at is null and ${among('account_id')} group by 1, 2)`,
    (row) => sql`${row('role_account')} = p.account_id and ${row('role_contact')} = p.contact_id`,
    'roles',
  );
  return sql`coalesce(${of('roles')}, '{}')`;
};

const person = { entity: 'person', group: 'contact' } as const;

const contact: Field[] = [
  { ...person, name: 'person.department', type: 'text', sql: ofContact('department') },
  { ...person, name: 'person.phone', type: 'text', sql: ofContact('phone') },
  { ...person, name: 'person.locale', type: 'text', sql: ofContact('locale') },
  { ...person, name: 'person.isBeta', type: 'boolean', sql: ofContact('is_beta') },
  {
    ...person,
    name: 'person.roles',
    type: 'tags',
    isKnown: true,
    offers: sql`
      select distinct role as value, role as label
      from (select roles from account_contact_relations where deleted_at is null limit 20000) few, unnest(roles) role
      order by 1 limit 200`,
    sql: rolesAt,
  },
];
