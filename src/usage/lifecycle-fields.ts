import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';
import { type Asked, type Choice, type Field, type Parameter } from '../rules/fields.ts';

/** What tells one kind of user from another: their contact’s department or title, or the role that the product tells of them. */
const kindsOfUser = ['department', 'title', 'role'] as const;

interface Offered {
  actions: RawBuilder<Choice>;
  modules: RawBuilder<Choice>;
}

/** What a rule can ask of the turns in somebody’s life with a product: beginning, setting up, coming back, being the first of their kind. */
export function lifecycleFields({ actions, modules }: Offered): Field[] {
  const action: Parameter = { name: 'action', type: 'text', isOptional: true, offers: actions };
  const module: Parameter = { name: 'module', type: 'text', isOptional: true, offers: modules };
  const within: Parameter = { name: 'days', type: 'days', preset: 14 };
  return [
    {
      name: 'usage.daysAfterFirst', entity: 'account', group: 'usage', type: 'number', parameters: [action, module], sql: daysAfterFirst,
    },
    { name: 'usage.pause', entity: 'account', group: 'usage', type: 'number', parameters: [within], sql: pauseOfAccount },
    {
      name: 'usage.releasedOn', entity: 'account', group: 'usage', type: 'date',
      parameters: [{ name: 'module', type: 'text', offers: modules }], sql: releasedOn,
    },
    { name: 'personUsage.pause', entity: 'person', group: 'personUsage', type: 'number', parameters: [within], sql: pauseOfPerson },
    { name: 'person.place', entity: 'person', group: 'person', type: 'number', sql: place },
    {
      name: 'person.isFirstOfKind', entity: 'person', group: 'person', type: 'boolean',
      parameters: [{ name: 'kind', type: 'choice', choices: kindsOfUser, preset: 'department' }], sql: isFirstOfKind,
    },
  ];
} // prettier-ignore

/** When each person first did each thing: days that nothing was new on need not be read. */
export const firstDays = sql`(select usage_account, person, module, action, first_on as day from usage_spans)`;

/** On how many days the account used anything after the day on which it first did this; not known when it never did. */
function daysAfterFirst({ given, today, among, join }: Asked): RawBuilder<unknown> {
  const isIt = (['action', 'module'] as const).map((name) => {
    const wanted = given.text(name);
    return wanted === undefined ? sql`true` : sql`${sql.ref(`d.${name}`)} = ${wanted}`;
  });
  const of = join(
    sql`(
      select f.account_id as of_account, count(distinct d.day) filter (where d.day > f.first_on) as value
      from (
        select u.account_id, min(d.day) as first_on from usage_accounts u join ${firstDays} d on d.usage_account = u.id
        where u.account_id is not null and ${among('u.account_id')} and d.day <= ${today}::date and ${sql.join(isIt, sql` and `)}
        group by 1
      ) f
      join usage_accounts u on u.account_id = f.account_id join usage_account_days d on d.usage_account = u.id and d.day <= ${today}::date
      group by 1)`,
    (row) => sql`${row('of_account')} = a.id`,
  );
  return of('value');
}

/** The days without use before the first use of the last n days; not known without any use in them, or before them. */
const pause = ({ given, today }: Asked) => {
  const since = sql`${today}::date - ${given.days('days') ?? 14}::int`;
  return sql`min(d.day) filter (where d.day >= ${since}) - max(d.day) filter (where d.day < ${since}) - 1`;
};

function pauseOfAccount(asked: Asked): RawBuilder<unknown> {
  const of = asked.join(
    sql`(select u.account_id as of_account, ${pause(asked)} as value
         from usage_accounts u join usage_account_days d on d.usage_account = u.id
         where u.account_id is not null and ${asked.among('u.account_id')} and d.day <= ${asked.today}::date group by 1)`,
    (row) => sql`${row('of_account')} = a.id`,
  );
  return of('value');
}

function pauseOfPerson(asked: Asked): RawBuilder<unknown> {
  const of = asked.join(
    sql`(select u.account_id as of_account, d.person as of_person, ${pause(asked)} as value
         from usage_accounts u join usage_person_days d on d.usage_account = u.id
         where u.account_id is not null and ${asked.among('u.account_id')} and d.day <= ${asked.today}::date group by 1, 2)`,
    (row) => sql`${row('of_account')} = p.account_id and ${row('of_person')} = p.usage_person`,
  );
  return of('value');
}

/** The first day on which anybody at all used the module: when it came out. */
const releasedOn = ({ given, today }: Asked): RawBuilder<unknown> =>
  sql`(select min(d.day) from ${firstDays} d where d.module = ${given.text('module') ?? ''} and d.day <= ${today}::date)`;

/** Their place among the people of the account that can be written to: 1 is who used the product on most days lately. */
function place({ among, join }: Asked): RawBuilder<unknown> {
  const of = join(
    sql`(select id as of_id, row_number() over (
           partition by account_id order by days_active_14 desc, last_active_on desc nulls last, id) as value
         from account_people where email_normalized is not null and ${among('account_id')})`,
    (row) => sql`${row('of_id')} = p.id`,
    'place in the account',
  );
  return of('value');
}

/**
 * Whether they were the first of their kind to use the product, where others of the account used it before; not known of who never used it, or
 * whose kind is not known.
 */
function isFirstOfKind({ given, among, join }: Asked): RawBuilder<unknown> {
  const kinds = {
    department: sql`k.department`,
    title: sql`k.title`,
    role: sql`u.traits ->> 'role'`,
  };
  const wanted = kindsOfUser.find((kind) => kind === given.text('kind')) ?? 'department';
  const of = join(
    sql`(select id as of_id, first_active_on > began_on and row_number() over (partition by account_id, kind order by first_active_on, id) = 1 as value
         from (
           select p.id, p.account_id, p.first_active_on, min(p.first_active_on) over (partition by p.account_id) as began_on,
             nullif(lower(btrim(${kinds[wanted]})), '') as kind
           from account_people p
           left join contacts k on k.id = p.contact_id and k.deleted_at is null left join usage_people u on u.id = p.usage_person
           where p.first_active_on is not null and ${among('p.account_id')}
         ) users where kind is not null)`,
    (row) => sql`${row('of_id')} = p.id`,
  );
  return of('value');
}
