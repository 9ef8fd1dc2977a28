import type { RawBuilder } from 'kysely';

import { statuses } from '../licenses/status.ts';
import { sql } from '../platform/db.ts';
import { countOf, which } from '../rules/counts.ts';
import {
  type Asked, type Choice, column, type Columns, type Field, ofAccountRow, type On, type Parameter,
} from '../rules/fields.ts'; // prettier-ignore

import { frequencies } from './account-usage.ts';
import { stages } from './engagement-rules.ts';
import { firstDays, lifecycleFields } from './lifecycle-fields.ts';

/** What a rule can ask of the use of the products: what accounts and people did, how that changed, and what it comes to. */
export const usageFields = (): Field[] => [
  ...engagement,
  ...people,
  ...person,
  ...ofAccounts,
  ...ofPeople,
  ...lifecycleFields({ actions, modules }),
];

const engaged = (name: string) => ofAccountRow('account_engagement', name);
const standing = { entity: 'account', group: 'engagement' } as const;

const engagement: Field[] = [
  { ...standing, name: 'account.status', type: 'choice', choices: statuses, sql: engaged('status') },
  { ...standing, name: 'account.stage', type: 'choice', choices: stages, sql: engaged('stage') },
  { ...standing, name: 'account.customerSince', type: 'date', sql: engaged('customer_since') },
  { ...standing, name: 'account.contractValue', type: 'money', sql: engaged('contract_value_minor') },
  { ...standing, name: 'account.engagement', type: 'number', sql: engaged('engagement') },
  { ...standing, name: 'account.frequency', type: 'choice', choices: frequencies, sql: engaged('frequency') },
  { ...standing, name: 'account.trackedSince', type: 'date', sql: engaged('tracked_since') },
  { ...standing, name: 'account.lastActiveOn', type: 'date', sql: engaged('last_active_on') },
  { ...standing, name: 'account.daysActive', type: 'number', sql: engaged('days_active_14') },
  { ...standing, name: 'account.peopleActive', type: 'number', sql: engaged('people_active_14') },
  { ...standing, name: 'account.modulesUsed', type: 'number', sql: engaged('modules_14') },
  { ...standing, name: 'account.actionsPerDay', type: 'number', sql: engaged('actions_per_day') },
  { ...standing, name: 'account.seats', type: 'number', sql: engaged('seats') },
  { ...standing, name: 'account.utilization', type: 'number', sql: engaged('utilization') },
];

const people: Field[] = [
  {
    name: 'account.people',
    entity: 'account',
    group: 'people',
    type: 'number',
    isKnown: true,
    parameters: [which('person')],
    sql: countOf({
      entity: 'person',
      rows: sql`account_people p join accounts a on a.id = p.account_id`,
      account: 'p.account_id',
      where: sql`a.deleted_at is null`,
    }),
  },
];

const one = { entity: 'person', group: 'person' } as const;

const person: Field[] = [
  { ...one, name: 'person.name', type: 'text', sql: column('p.name') },
  { ...one, name: 'person.title', type: 'text', sql: column('p.title') },
  { ...one, name: 'person.email', type: 'text', sql: column('p.email_normalized') },
  {
    ...one,
    name: 'person.isContact',
    type: 'boolean',
    isKnown: true,
    sql: () => sql`(p.contact_id is not null)`,
  },
  {
    ...one,
    name: 'person.isUser',
    type: 'boolean',
    isKnown: true,
    sql: () => sql`(p.usage_person is not null)`,
  },
  { ...one, name: 'person.engagement', type: 'number', sql: column('p.engagement') },
  { ...one, name: 'person.frequency', type: 'choice', choices: frequencies, sql: column('p.frequency') },
  { ...one, name: 'person.firstActiveOn', type: 'date', sql: column('p.first_active_on') },
  { ...one, name: 'person.lastActiveOn', type: 'date', sql: column('p.last_active_on') },
  { ...one, name: 'person.daysActive', type: 'number', sql: column('p.days_active_14') },
];

/** What was done in the products, from the days' sums of the accounts that happen to be the busiest lately. */
const actions = sql<Choice>`
  select d.action as value, d.action as label
  from (select id from usage_accounts where account_id is not null order by last_seen_at desc limit 50) u
  join usage_days d on d.usage_account = u.id
  where d.action <> '' group by 1 order by sum(d.events) desc limit 200`;
const modules = sql<Choice>`
  select name as value, name as label from usage_modules where name <> '' order by lower(name) limit 200`;

const action: Parameter = { name: 'action', type: 'text', isOptional: true, offers: actions };
const module: Parameter = { name: 'module', type: 'text', isOptional: true, offers: modules };
const days: Parameter = { name: 'days', type: 'days', isOptional: true, preset: 14 };
const window: Parameter = { name: 'days', type: 'days', preset: 14 };

type Measure = (when: RawBuilder<unknown>) => RawBuilder<unknown>;

const measures = {
  actions: (when) => sql`sum(d.events) filter (where ${when})`,
  people: (when) => sql`count(distinct d.person) filter (where d.person > 0 and ${when})`,
  time: (when) => sql`(sum(d.seconds) filter (where ${when})) / 60.0`,
  days: (when) => sql`count(distinct d.day) filter (where ${when})`,
} satisfies Record<string, Measure>;

/** Whose use is added up: the account's, or that of each of its people. */
interface Whose {
  /** The smallest table that tells it, whatever was done. */
  sums: (measure: Measure | undefined) => RawBuilder<unknown>;
  /** The columns of `u` (usage_accounts) and `d` (usage_days) that tell whose, as the columns `of_…` of a sub-select. */
  keys: RawBuilder<unknown>;
  group: RawBuilder<unknown>;
  on: On;
}

const ofAccount: Whose = {
  sums: (measure) => (measure === measures.people ? sql`usage_person_days` : sql`usage_account_days`),
  keys: sql`u.account_id as of_account`,
  group: sql`group by 1`,
  on: (row) => sql`${row('of_account')} = a.id`,
};
const ofPerson: Whose = {
  sums: () => sql`usage_person_days`,
  keys: sql`u.account_id as of_account, d.person as of_person`,
  group: sql`group by 1, 2`,
  on: (row) => sql`${row('of_account')} = p.account_id and ${row('of_person')} = p.usage_person`,
};

interface Summing {
  values: RawBuilder<unknown>;
  since: RawBuilder<unknown>;
  measure?: Measure;
  /** What is read in place of days, with the same columns. */
  rows?: RawBuilder<unknown> | undefined;
}

/**
 * What the days' sums come to: one pass, whatever the number of accounts. The last n days are n full ones and today so far, as
 * everywhere where use is counted.
 */
function summed(whose: Whose, asked: Asked, { values, since, measure, rows }: Summing): Columns {
  const { given, today, among } = asked;
  const days = rows ?? (isNamed(asked) ? sql`usage_days` : whose.sums(measure));
  const conditions = [
    sql`u.account_id is not null`,
    among('u.account_id'),
    sql`d.day <= ${today}::date`,
    since,
    ...(['action', 'module'] as const).map((name) => {
      const wanted = given.text(name);
      return wanted === undefined ? sql`true` : sql`${sql.ref(`d.${name}`)} = ${wanted}`;
    }),
  ];
  return asked.join(
    sql`(select ${whose.keys}, ${values} from usage_accounts u join ${days} d on d.usage_account = u.id
         where ${sql.join(conditions, sql` and `)} ${whose.group})`,
    whose.on,
  );
}

const isNamed = ({ given }: Asked): boolean =>
  given.text('action') !== undefined || given.text('module') !== undefined;

/** Nothing is known of an account that no product ever told of, nor of its people. */
const whereTracked = (asked: Asked, value: RawBuilder<unknown>) =>
  sql`case when ${engaged('tracked_since')(asked)} is not null then ${value} end`;

/** What was done within the days, 0 if nothing was. */
const amount =
  (whose: Whose, measure: Measure): Field['sql'] =>
  (asked) => {
    const wanted = asked.given.days('days');
    const since = wanted === undefined ? sql`true` : sql`d.day >= ${asked.today}::date - ${wanted}::int`;
    return whereTracked(
      asked,
      sql`coalesce(${summed(whose, asked, { values: sql`${measure(sql`true`)} as value`, since, measure })('value')}, 0)`,
    );
  };

/** The first or last day on which it was done; not known when it never was. */
const dayOf =
  (whose: Whose, end: keyof typeof ends): Field['sql'] =>
  (asked) => {
    const { value, spans } = ends[end];
    const rows = isNamed(asked) ? spans(asked) : undefined;
    return summed(whose, asked, { values: sql`${value} as value`, since: sql`true`, rows })('value');
  };

/** Spans know the first day and the last; what was last as of a day before that, the days themselves tell. */
const ends = {
  first: { value: sql`min(d.day)`, spans: () => firstDays },
  last: {
    value: sql`max(d.day)`,
    spans: ({ today }: Asked) => sql`
      (select s.usage_account, s.person, s.module, s.action, case when s.last_on <= ${today}::date then s.last_on else (
         select max(l.day) from usage_days l where l.usage_account = s.usage_account and l.person = s.person and l.module = s.module
           and l.action = s.action and l.day <= ${today}::date) end as day
       from usage_spans s)`,
  },
};

const isOneOf = (text: string | undefined): text is keyof typeof measures =>
  text !== undefined && text in measures;

/**
 * By how many percent the use of the last days and today so far differs from that of as many days before them. Not known where there was none
 * before, or the account was not tracked for so long.
 */
const change =
  (whose: Whose): Field['sql'] =>
  (asked) => {
    const length = sql`${asked.given.days('days') ?? 14}::int`;
    const today = sql`${asked.today}::date`;
    const wanted = asked.given.text('of');
    const measure = measures[isOneOf(wanted) ? wanted : 'actions'];
    const windows = sql`
      coalesce(${measure(sql`d.day >= ${today} - ${length}`)}, 0) as now,
      ${measure(sql`d.day < ${today} - ${length}`)} as before`;
    const since = sql`d.day >= ${today} - 2 * ${length}`;
    const of = summed(whose, asked, { values: windows, since, measure });
    return sql`
      case when ${of('before')} > 0 and ${engaged('tracked_since')(asked)} <= ${today} - 2 * ${length}
           then 100.0 * (${of('now')} - ${of('before')}) / ${of('before')} end`;
  };

/** The same the other way round: how far it fell. */
const fall =
  (whose: Whose): Field['sql'] =>
  (asked) =>
    sql`(- ${change(whose)(asked)})`;

const used = { entity: 'account', group: 'usage', parameters: [action, module, days] } as const;
const since = [action, module] as const;
const measured = (choices: readonly string[]): Parameter[] => [
  { name: 'of', type: 'choice', choices, preset: 'actions' },
  action,
  module,
  window,
];

const ofAccounts: Field[] = [
  { ...used, name: 'usage.times', type: 'number', sql: amount(ofAccount, measures.actions) },
  { ...used, name: 'usage.days', type: 'number', sql: amount(ofAccount, measures.days) },
  { ...used, name: 'usage.people', type: 'number', sql: amount(ofAccount, measures.people) },
  { ...used, name: 'usage.minutes', type: 'number', sql: amount(ofAccount, measures.time) },
  { ...used, name: 'usage.firstOn', type: 'date', parameters: since, sql: dayOf(ofAccount, 'first') },
  { ...used, name: 'usage.lastOn', type: 'date', parameters: since, sql: dayOf(ofAccount, 'last') },
  {
    ...used,
    name: 'usage.change',
    type: 'number',
    parameters: measured(['actions', 'people', 'time', 'days']),
    sql: change(ofAccount),
  },
  {
    ...used,
    name: 'usage.fall',
    type: 'number',
    parameters: measured(['actions', 'people', 'time', 'days']),
    sql: fall(ofAccount),
  },
];

const own = { ...used, entity: 'person', group: 'personUsage' } as const;

const ofPeople: Field[] = [
  { ...own, name: 'personUsage.times', type: 'number', sql: amount(ofPerson, measures.actions) },
  { ...own, name: 'personUsage.days', type: 'number', sql: amount(ofPerson, measures.days) },
  { ...own, name: 'personUsage.minutes', type: 'number', sql: amount(ofPerson, measures.time) },
  { ...own, name: 'personUsage.firstOn', type: 'date', parameters: since, sql: dayOf(ofPerson, 'first') },
  { ...own, name: 'personUsage.lastOn', type: 'date', parameters: since, sql: dayOf(ofPerson, 'last') },
  {
    ...own,
    name: 'personUsage.change',
    type: 'number',
    parameters: measured(['actions', 'time', 'days']),
    sql: change(ofPerson),
  },
  {
    ...own,
    name: 'personUsage.fall',
    type: 'number',
    parameters: measured(['actions', 'time', 'days']),
    sql: fall(ofPerson),
  },
]; // prettier-ignore
