import { sql, transaction, type Tx } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    match_usage: Record<string, never>;
  }
}

/** Mail providers whose domain says nothing about who employs somebody. */
const freeMail = [
  'gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'yahoo.com', 'icloud.com', 'me.com', 'aol.com',
  'gmx.de', 'gmx.net', 'web.de', 't-online.de', 'orange.fr', 'free.fr', 'libero.it', 'yahoo.co.jp', 'uol.com.br', 'proton.me',
]; // prettier-ignore

/**
 * Finds the Salesforce account of each that usage named and nobody has matched: by an id, else by a domain that only one account has,
 * else by the contacts among its people when all of them belong to one account. What stays is for a person to settle. In sets.
 */
export async function matchAccounts(tx: Tx): Promise<void> {
  await matchById(tx);
  await matchByDomain(tx);
  await giveAccounts(tx);
  await matchByContacts(tx);
  await matchPeople(tx);
}

const unmatched = sql`u.account_id is null and not u.is_ignored`;

async function matchById(tx: Tx): Promise<void> {
  await sql`
    with named as (
      select u.id, names.name from usage_accounts u,
        lateral (values (u.external_id), (u.traits ->> 'salesforceId'), (u.traits ->> 'salesforce_id')) as names (name)
      where ${unmatched} and names.name is not null
    ), found as (
      select named.id, min(a.id) as account_id from named join accounts a on a.id = named.name and a.deleted_at is null
      group by 1 having count(distinct a.id) = 1
      union
      select named.id, min(a.id) from named join accounts a on a.rapport_id = named.name and a.deleted_at is null
      group by 1 having count(distinct a.id) = 1)
    update usage_accounts u set account_id = found.account_id, matched_by = 'id'
    from found where u.id = found.id and ${unmatched}`.execute(tx);
}

async function matchByDomain(tx: Tx): Promise<void> {
  await sql`
    update usage_accounts u set account_id = one.id, matched_by = 'domain'
    from (
      select domain_of(a.website) as domain, min(a.id) as id from accounts a
      where a.website is not null and a.deleted_at is null
        and domain_of(a.website) in (select u.domain from usage_accounts u where ${unmatched} and u.domain is not null)
      group by 1 having count(*) = 1) one
    where ${unmatched} and u.domain = one.domain and u.domain <> all(${freeMail})`.execute(tx);
}

/** Somebody whom no message ties to an account, but whose address a single contact has, uses the product for that contact's account. */
async function giveAccounts(tx: Tx): Promise<void> {
  await sql`
    with found as (
      select p.id as person, min(c.account_id) as account_id, p.first_seen_at, p.last_seen_at
      from usage_people p join contacts c on c.email_normalized = p.email and c.deleted_at is null and c.account_id is not null
      where p.usage_account is null and p.email is not null
      group by p.id having count(distinct c.account_id) = 1
    ), missing as (
      insert into usage_accounts (external_id, name, account_id, matched_by, first_seen_at, last_seen_at)
      select f.account_id, min(a.name), f.account_id, 'contact', min(f.first_seen_at), max(f.last_seen_at)
      from found f join accounts a on a.id = f.account_id
      where not exists (select from usage_accounts u where u.account_id = f.account_id)
      group by f.account_id
      on conflict do nothing returning id, account_id
    ), known as (
      select id, account_id from missing
      union all select min(u.id), u.account_id from usage_accounts u where u.account_id in (select account_id from found) group by u.account_id
    )
    update usage_people p set usage_account = known.id
    from found join known on known.account_id = found.account_id where p.id = found.person`.execute(tx);
}

async function matchByContacts(tx: Tx): Promise<void> {
  await sql`
    update usage_accounts u set account_id = one.account_id, matched_by = 'contact'
    from (
      select p.usage_account, min(c.account_id) as account_id
      from usage_people p join contacts c on c.email_normalized = p.email and c.deleted_at is null and c.account_id is not null
      where p.usage_account in (select u.id from usage_accounts u where ${unmatched})
      group by 1 having count(distinct c.account_id) = 1) one
    where ${unmatched} and u.id = one.usage_account`.execute(tx);
}

async function matchPeople(tx: Tx): Promise<void> {
  await sql`
    update usage_people p set contact_id = c.id
    from usage_accounts u join contacts c on c.account_id = u.account_id and c.deleted_at is null
    where p.contact_id is null and u.id = p.usage_account and (c.id = p.external_id or c.email_normalized = p.email)`.execute(
    tx,
  );
}

/** Looks again for those that nobody matched: Salesforce may have their accounts by now. */
export async function matchUsage(): Promise<void> {
  await transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('usage', 0))`.execute(tx);
    await matchAccounts(tx);
  });
}

/** A reaction: usage may have been told before the accounts and contacts that it is about were loaded. */
export async function matchLoaded({ table }: Events['mirror.loaded']): Promise<void> {
  if (table === 'accounts' || table === 'contacts') await matchUsage();
}
