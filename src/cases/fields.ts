import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';
import { attributeFields } from '../rules/attributes.ts';
import { aggregateOf, countOf, which } from '../rules/counts.ts';
import { type Choice, column, type Field } from '../rules/fields.ts';

import { caseObjects } from './salesforce.ts';
import { urgentPriorities } from './status.ts';

/** What a rule can ask of an account's cases, of a person's, and of each case. */
export async function caseFields(): Promise<Field[]> {
  const mapping = caseObjects.find(({ table }) => table === 'cases');
  const attributes = mapping && {
    mapping,
    entity: 'case' as const,
    name: 'case.attributes',
    group: 'caseAttributes',
    attributes: column('c.attributes'),
  };
  return [...ofAccount, ofPerson, ...one, ...(attributes ? await attributeFields(attributes) : [])];
}

const isThere = sql<boolean>`c.deleted_at is null and c.account_id is not null`;
const isOpen = sql<boolean>`not c.is_closed`;
const isUrgent = sql<boolean>`coalesce(c.priority in (${sql.join(urgentPriorities)}), false)`;

const rows = { entity: 'case', rows: sql`cases c`, account: 'c.account_id', where: isThere } as const;
const openRows = { ...rows, where: sql<boolean>`${isThere} and ${isOpen}` };
const urgentRows = { ...rows, where: sql<boolean>`${isThere} and ${isOpen} and ${isUrgent}` };

const field = { entity: 'account', group: 'cases' } as const;
const count = { ...field, type: 'number', isKnown: true } as const;

const ageOf = (at: RawBuilder<unknown>, today: string) =>
  sql`(${today}::date - (${at} at time zone 'UTC')::date)`;

const ofAccount: Field[] = [
  { ...count, name: 'account.cases', parameters: [which('case')], sql: countOf(rows) },
  { ...count, name: 'account.openCases', sql: countOf(openRows) },
  { ...count, name: 'account.urgentCases', sql: countOf(urgentRows) },
  {
    ...field,
    name: 'account.oldestCaseAge',
    type: 'number',
    sql: aggregateOf(openRows, (today) => ageOf(sql`min(c.created_at)`, today)),
  },
  {
    ...field,
    name: 'account.lastCaseOn',
    type: 'date',
    sql: aggregateOf(rows, () => sql`(max(c.created_at) at time zone 'UTC')::date`),
  },
];

/** Cases that the person opened with the account, as its contact. */
const ofPerson: Field = {
  name: 'person.cases',
  entity: 'person',
  group: 'cases',
  type: 'number',
  isKnown: true,
  parameters: [which('case')],
  sql: ({ join, within, among, given }) => {
    const { sources, condition } = within('case', given.rule('where'));
    const of = join(
      sql`(select c.account_id as case_account, c.contact_id as case_contact, count(*) as value from cases c ${sources}
           where ${isThere} and c.contact_id is not null and ${among('c.account_id')} and ${condition} group by 1, 2)`,
      (row) => sql`${row('case_account')} = p.account_id and ${row('case_contact')} = p.contact_id`,
    );
    return sql`coalesce(${of('value')}, 0)`;
  },
};

/** The values that a text column of cases has. */
const found = (name: string) => sql<Choice>`
  select distinct ${sql.ref(name)} as value, ${sql.ref(name)} as label from cases
  where ${sql.ref(name)} <> '' and deleted_at is null order by 1 limit 200`;

const each = { entity: 'case', group: 'case' } as const;
const day = (reference: string) => () => sql`(${sql.ref(reference)} at time zone 'UTC')::date`;

const one: Field[] = [
  { ...each, name: 'case.subject', type: 'text', sql: column('c.subject') },
  { ...each, name: 'case.status', type: 'choice', offers: found('status'), sql: column('c.status') },
  { ...each, name: 'case.priority', type: 'choice', offers: found('priority'), sql: column('c.priority') },
  { ...each, name: 'case.type', type: 'choice', offers: found('type'), sql: column('c.type') },
  { ...each, name: 'case.origin', type: 'choice', offers: found('origin'), sql: column('c.origin') },
  { ...each, name: 'case.isOpen', type: 'boolean', isKnown: true, sql: () => isOpen },
  { ...each, name: 'case.isUrgent', type: 'boolean', isKnown: true, sql: () => isUrgent },
  { ...each, name: 'case.age', type: 'number', sql: ({ today }) => ageOf(sql`c.created_at`, today) },
  { ...each, name: 'case.createdOn', type: 'date', sql: day('c.created_at') },
  { ...each, name: 'case.closedOn', type: 'date', sql: day('c.closed_at') },
];
