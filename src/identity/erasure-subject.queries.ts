import { db, sql } from '../platform/db.ts';

import type { Candidate } from './erasure-subject.ts';

/* Where people are named, whoever owns the table: the right to be forgotten ends at no capability. */

/** Everybody whose name or address contains the text, by mailbox where they have one. */
export async function selectCandidates(text: string): Promise<Candidate[]> {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<Candidate>`
    with named as (
      select p.email as key, p.name, null as account, 'people' as section from people p
      where lower(p.email) like ${pattern} or lower(p.name) like ${pattern}
      union all
      select coalesce(c.email_normalized, c.id), c.name, a.name, 'contacts' from contacts c left join accounts a on a.id = c.account_id
      where c.email_normalized like ${pattern} or lower(c.name) like ${pattern}
      union all
      select coalesce(lower(btrim(l.email)), l.id), l.name, l.company, 'leads' from leads l
      where lower(l.email) like ${pattern} or lower(l.name) like ${pattern}
      union all
      select coalesce(lower(btrim(u.email)), 'user:' || u.external_id), coalesce(u.name, u.external_id), a.name, 'users'
      from usage_people u left join usage_accounts k on k.id = u.usage_account left join accounts a on a.id = k.account_id
      where lower(u.email) like ${pattern} or lower(u.name) like ${pattern} or lower(u.external_id) like ${pattern}
    ), counted as (select key, section, count(*) as count from named group by 1, 2)
    select n.key, coalesce(max(n.name) filter (where n.name <> ''), n.key) as name,
      coalesce(array_agg(distinct n.account) filter (where n.account is not null), '{}') as accounts,
      (select json_agg(json_build_object('section', c.section, 'count', c.count) order by c.section) from counted c where c.key = n.key) as found
    from named n group by n.key order by lower(n.key) limit 20`.execute(db);
  return rows;
}

interface Found {
  personIds: string[];
  contactIds: string[];
  leadIds: string[];
  usageIds: number[];
  externalIds: (string | null)[];
  anonymousIds: (string | null)[];
  emails: (string | null)[];
  names: (string | null)[];
  phones: (string | null)[];
  isStaff: boolean;
}

/** All rows of one human: by their mailbox, by the contacts that are linked to it, and by what the products call them. */
export async function selectSubject(key: string): Promise<Found> {
  const { rows } = await sql<Found>`
    with person as (select * from people where email = ${key}),
    contact as (
      select * from contacts where id = ${key} or email_normalized = ${key}
        or id in (select contact_id from person_contacts where person_id in (select id from person))),
    lead as (select * from leads where id = ${key} or lower(btrim(email)) = ${key}),
    usage_user as (
      select * from usage_people where 'user:' || external_id = ${key} or lower(btrim(email)) = ${key}
        or contact_id in (select id from contact)),
    told as (select array[email, null, name] as words from person
      union all select array[email, phone, name] || phones.numbers from contact c, lateral (
        select array[attributes ->> 'MobilePhone', attributes ->> 'HomePhone', attributes ->> 'OtherPhone'] as numbers from contacts where id = c.id) phones
      union all select array[email, phone, name, attributes ->> 'MobilePhone'] from lead
      union all select array[email, null, name] from usage_user
      union all select array[matched_email, null, null] from person_contacts where person_id in (select id from person))
    select
      array(select id::text from person) as "personIds", array(select id from contact) as "contactIds",
      array(select id from lead) as "leadIds", array(select id from usage_user) as "usageIds",
      array(select external_id from usage_user) as "externalIds",
      array(select anonymous_id from usage_aliases where person in (select id from usage_user)) as "anonymousIds",
      array(select distinct words[1] from told) as emails, array(select distinct words[3] from told) as names,
      array(select distinct unnest(words[2:2] || words[4:]) from told) as phones,
      exists (select from person where user_id is not null or is_admin) as "isStaff"`.execute(db);
  const [found] = rows;
  if (found === undefined) throw new Error('a question about one person had no answer');
  return found;
}

/** Of these names and numbers those that others have, too: a namesake, or the switchboard of a company. */
export async function selectShared(
  { names, phones }: { names: readonly string[]; phones: readonly string[] },
  {
    personIds,
    contactIds,
    leadIds,
    usageIds,
  }: Pick<Found, 'personIds' | 'contactIds' | 'leadIds' | 'usageIds'>,
): Promise<string[]> {
  const lower = (words: readonly string[]) => words.map((word) => word.toLowerCase());
  const { rows } = await sql<{ word: string }>`
    with others (name, phone) as (
      select name, phone from contacts where id <> all(${contactIds}::text[])
      union all select name, phone from leads where id <> all(${leadIds}::text[])
      union all select name, null from people where id <> all(${personIds}::uuid[])
      union all select name, null from usage_people where id <> all(${usageIds}::int[])
      union all select name, phone from users
      union all select name, phone from accounts)
    select distinct lower(name) as word from others where lower(name) = any(${lower(names)})
    union select distinct lower(phone) from others where lower(phone) = any(${lower(phones)})`.execute(db);
  return rows.map(({ word }) => word);
}
