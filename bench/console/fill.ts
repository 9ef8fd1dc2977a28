import { onDatabase } from '../database.ts';
import { fillBase } from '../health-fill.ts';

/** Who looks after accounts: five hundred accounts each at full size. */
const MANAGERS = 200;
/** Days of the past of which each account's sums are kept, beside its people's of the last month. */
const DAYS = 364;

/**
 * What the console's pages read at a customer of that size: accounts with their health, engagement, people, lists, tags, risk and
 * alerts, and rows of usage: a person's day (`people` an account for a month), an account's day (for a year), what was done in which
 * module (for a fortnight). All but the usage comes about by the product's own jobs.
 * @returns cookies of the sessions of the staff
 */
export async function fillConsole(
  url: string,
  size: { accounts: number; people: number },
): Promise<string[]> {
  await fillBase(url, size);
  await onDatabase(url, further);
  process.env.DATABASE_URL = url;
  process.env.NODE_ENV = 'test';
  process.env.LOG_LEVEL = 'silent';
  const { end, givenSignedInStaff, judgeAndTell } = await import('./judge.ts');
  const cookies = await givenSignedInStaff();
  await judgeAndTell();
  await end();
  await onDatabase(url, ['vacuum analyze']);
  return cookies;
}

const user = `'005' || lpad((1 + n % ${String(MANAGERS)})::text, 15, '0')`;

const further = [
  `insert into users (id, name, email, is_active, modified_at)
   select '005' || lpad(n::text, 15, '0'), 'Manager ' || n, 'manager-' || n || '@rapport.example', true, now()
   from generate_series(1, ${String(MANAGERS)}) n`,
  `update accounts a set owner_id = ${user}, name = (array['Northgate', 'Halden', 'Brook', 'Castor', 'Delmar', 'Everly', 'Fenwick'])[1 + n % 7] || ' '
     || (array['Logistics', 'Energy', 'Bank', 'Foods', 'Media', 'Textiles', 'Clinics', 'Marine', 'Freight', 'Tools', 'Glass'])[1 + n % 11] || ' ' || n,
     type = (array['Customer', 'Customer', 'Prospect', 'Reseller'])[1 + n % 4], billing_city = 'City ' || n % 900,
     billing_country = (array['Germany', 'United States', 'France', 'Japan', 'Brazil', 'Italy'])[1 + n % 6], website = 'https://a' || n || '.example'
   from (select id, right(id, 9)::int as n from accounts) numbered where numbered.id = a.id`,
  /* How large an account is and what it pays have nothing to do with how it uses the product, or with each other. */
  'update accounts set employees = 1 + abs(hashint4(right(id, 9)::int)::bigint) % 5000',
  'update opportunities set amount_minor = 100000 + abs(hashint4(right(id, 9)::int + 7)::bigint) % 70000',
  `insert into usage_modules (id, name) select n, (array['Backup', 'Restore', 'Monitor', 'Reports'])[n] from generate_series(1, 4) n on conflict do nothing`,
  `insert into usage_days (usage_account, day, person, module, action, events, seconds)
   select usage_account, day, person, (array['Backup', 'Restore', 'Monitor', 'Reports'])[1 + person % 4], (array['Opened', 'Ran', 'Changed'])[1 + person % 3], events, seconds
   from usage_person_days where day > current_date - 14`,
  `insert into usage_account_days (usage_account, day, events, seconds, people, modules)
   select id, current_date - d, 5 + (id + d) % 90, 60 * ((id + d) % 40), 1 + id % 5, 3 from usage_accounts, generate_series(29, ${String(DAYS)}) d
   where (id * 13 + d * 7) % 100 < 7 on conflict do nothing`,
  `insert into tags (name, tone, created_at) values ('Reference', 'success', now()), ('Watched', 'warning', now()), ('Pilot', 'info', now())`,
  `insert into account_tags (account_id, tag, at)
   select id, (array['Reference', 'Watched', 'Pilot'])[1 + right(id, 9)::int % 3], now() from accounts where right(id, 9)::int % 12 = 0`,
  `insert into account_risk (account_id, level, reason, at)
   select id, (array['red', 'yellow', 'green'])[1 + right(id, 9)::int % 3], 'Their champion left', now() from accounts where right(id, 9)::int % 97 = 0`,
  'vacuum analyze',
];
