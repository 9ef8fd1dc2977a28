import { onDatabase } from './database.ts';

/** Days of the window that engagement looks at. */
const DAYS = 29;

/**
 * A base of so many accounts with contacts, cases, licenses, opportunities and rolled-up usage: `people` an account, each on nearly
 * every day of the window: 100,000 × 3.5 × 29 are ten million rows. Every tenth account is not used, every twentieth was lost.
 */
export async function fillBase(
  url: string,
  { accounts, people }: { accounts: number; people: number },
): Promise<void> {
  const each = `generate_series(1, ${String(accounts)}) n`;
  const id = (prefix: string, n = 'n') => `'${prefix}' || lpad(${n}::text, 15, '0')`;
  await onDatabase(url, [
    `insert into accounts (id, name, industry, employees, owner_id, created_at, modified_at)
     select ${id('001')}, 'Account ' || n, (array['Retail', 'Energy', 'Banking', 'Logistics'])[1 + n % 4], n % 5000, '005000000000000001',
       now() - (n % 1500 + 40) * interval '1 day', now() from ${each}`,
    `insert into contacts (id, account_id, name, email, created_at, modified_at)
     select ${id('003', '(n * 4 + m)')}, ${id('001')}, 'Contact ' || m, 'c' || m || '@a' || n || '.example', now() - interval '40 days', now()
     from ${each}, generate_series(0, 2) m`,
    `insert into licenses (id, name, account_id, kind, status, seats, purchased_on, support_until, created_at, modified_at)
     select ${id('a00')}, 'L-' || n, ${id('001')}, 'License', 'Active', 2 + n % 30, current_date - 400,
       current_date + case when n % 20 = 0 then -30 else n % 360 end, now() - interval '400 days', now() from ${each}`,
    `insert into opportunities (id, account_id, name, type, stage, is_closed, is_won, amount_minor, close_on, created_at, modified_at)
     select ${id('006', '(n * 3 + m)')}, ${id('001')}, 'Renewal ' || m, 'Renewal', 'Closed Won', true, n % 17 <> m, 100000 + n % 70000,
       current_date - 30 - 365 * m - n % 300, now() - (60 + 365 * m) * interval '1 day', now() from ${each}, generate_series(0, 1) m`,
    `insert into cases (salesforce_id, number, account_id, subject, status, priority, is_closed, created_at, closed_at, modified_at)
     select ${id('500', '(n * 4 + m)')}, (n * 4 + m)::text, ${id('001')}, 'Backup stops', case when closed then 'Closed' else 'New' end,
       case when n % 23 = m then 'High' else 'Medium' end, closed, now() - (n + m * 20) % 200 * interval '1 day',
       case when closed then now() - (n + m) % 30 * interval '1 day' end, now()
     from (select n, m, (n + m) % 5 <> 0 as closed from ${each}, generate_series(0, 3) m) made`,
    `insert into usage_accounts (external_id, account_id, matched_by, first_seen_at, last_seen_at)
     select 'account-' || n, ${id('001')}, 'id', now() - interval '300 days', now() from ${each} where n % 10 <> 0`,
    `insert into usage_people (external_id, email, usage_account, first_seen_at, last_seen_at)
     select 'user-' || a.id || '-' || m, case when m < 3 then 'c' || m || '@a' || substr(a.external_id, 9) || '.example' end, a.id, now() - interval '300 days', now()
     from usage_accounts a, generate_series(0, ${String(people)} - 1) m`,
    `insert into usage_members (usage_account, person, first_on, last_on)
     select usage_account, id, current_date - 300, current_date - id % 9 from usage_people`,
    `insert into usage_person_days (usage_account, day, person, events, seconds, modules)
     select p.usage_account, current_date - d, p.id, 1 + (p.id + d) % 40, (p.id * 7 + d) % 900, 1 << (p.id + d) % 12
     from usage_people p, generate_series(0, ${String(DAYS)} - 1) d where (p.id * 31 + d * 17) % 100 < 25 + p.usage_account % 75`,
    `insert into usage_account_days (usage_account, day, events, seconds, people, modules)
     select usage_account, day, sum(events), sum(seconds), count(*), bit_or(modules) from usage_person_days group by 1, 2`,
    'vacuum analyze',
  ]);
}
