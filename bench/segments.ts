import { emptyDatabase, onDatabase } from './database.ts';
import { median, type Benchmark } from './harness.ts';

const ACCOUNTS = 20_000;
const FULL_ACCOUNTS = 100_000;
const USED_DAYS = 30;
const CHANGED_SHARE = 0.01;
const PAIRS = 7;

/**
 * Smart lists after 1 % of the accounts changed, against looking at every account: all suggested lists, some over other lists, tags and
 * relatives. The floor is the full look with the product's own statements, which is what other systems do whatever changed.
 */
export const segments: Benchmark = {
  must: ({ figure, differing }) => figure >= 20 && differing === 0,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const accounts = isFull ? FULL_ACCOUNTS : ACCOUNTS;
    await onDatabase(url, population(accounts));
    process.env.DATABASE_URL = url;
    process.env.NODE_ENV = 'test';
    process.env.LOG_LEVEL = 'silent';
    const lists = await import('./segments/lists.ts');
    const count = await lists.makeLists();
    const members = await lists.lookAtAll();
    await lists.follow(await lists.change(CHANGED_SHARE, 0));

    const [fulls, incrementals, changes]: number[][] = [[], [], []];
    for (let pair = 1; pair <= PAIRS; pair++) {
      const changed = await lists.change(CHANGED_SHARE, pair);
      const incremental = await timed(() => lists.follow(changed));
      const full = await timed(lists.lookAtAll);
      incrementals?.push(incremental);
      fulls?.push(full);
      changes?.push(await lists.changesSince(pair));
    }
    const differing = await lists.differing();
    await lists.end();
    server.stop();
    const ratios = (fulls ?? []).map((full, pair) => full / (incrementals?.[pair] ?? NaN));
    return {
      figure: round(median(ratios)), accounts, lists: count, members, fullMilliseconds: Math.round(median(fulls ?? [])),
      incrementalMilliseconds: Math.round(median(incrementals ?? [])), changedAccounts: Math.round(accounts * CHANGED_SHARE),
      changes: median(changes ?? []), differing, ratios: ratios.map(round),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 10) / 10;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

const id = (prefix: string, number: string) => `'${prefix}' || lpad((${number})::text, 15, '0')`;

/** Accounts with two people, a license, a case, readings of usage and health each, and a month of use. */
const population = (accounts: number): string[] => [
  'truncate sync_states',
  `insert into users (id, name, modified_at) select ${id('005', 'n')}, 'Manager ' || n, now() from generate_series(1, 20) n`,
  `insert into accounts (id, name, industry, employees, owner_id, parent_id, created_at, modified_at)
   select ${id('001', 'n')}, 'Account ' || n, (array['Retail', 'Energy', 'Media', 'Banking', 'Health'])[1 + n % 5], n % 3000,
          ${id('005', '1 + n % 20')}, case when n % 10 = 0 then ${id('001', 'n - 1')} end, now() - interval '2 years', now()
   from generate_series(1, ${String(accounts)}) n`,
  `insert into licenses (id, name, account_id, kind, status, seats, is_trial, purchased_on, support_until, modified_at)
   select ${id('a00', 'n')}, 'L-' || n, ${id('001', 'n')}, 'License', 'Active', 10, n % 25 = 0, current_date - (n % 700), current_date + (n % 360) - 30, now()
   from generate_series(1, ${String(accounts)}) n`,
  `insert into cases (account_id, subject, status, priority, is_closed, created_at, modified_at)
   select ${id('001', 'n')}, 'Restore fails', 'New', case when n % 7 = 0 then 'High' else 'Low' end, n % 3 > 0, now() - (n % 60) * interval '1 day', now()
   from generate_series(1, ${String(accounts)}) n`,
  `insert into contacts (id, name, account_id, modified_at)
   select ${id('003', 'n')}, 'Person ' || n, ${id('001', '(n + 1) / 2')}, now() from generate_series(1, ${String(accounts * 2)}) n`,
  `insert into account_contact_relations (id, account_id, contact_id, is_direct, is_active, roles, modified_at)
   select 'r' || id, account_id, id, true, true, case when right(id, 1) < '3' then array['Decision Maker'] else '{}'::text[] end, now() from contacts`,
  `insert into usage_accounts (external_id, account_id, matched_by, first_seen_at, last_seen_at) select id, id, 'id', now(), now() from accounts order by id`,
  `insert into usage_people (external_id, contact_id, usage_account, first_seen_at, last_seen_at)
   select c.id, c.id, u.id, now(), now() from contacts c join usage_accounts u on u.account_id = c.account_id order by c.id`,
  `insert into account_people (account_id, contact_id, usage_person, name, first_active_on, last_active_on, days_active_14, engagement)
   select c.account_id, c.id, p.id, c.name, current_date - (p.id % 300), current_date - (p.id % 40), p.id % 14, p.id % 100
   from contacts c join usage_people p on p.contact_id = c.id`,
  `insert into usage_person_days (usage_account, day, person, events, seconds, modules)
   select p.usage_account, current_date - d, p.id, 1 + p.id % 9, 60, 1 from usage_people p, generate_series(0, ${String(USED_DAYS - 1)}) d
   where (p.id + d) % 3 > 0`,
  `insert into account_engagement (account_id, status, stage, customer_since, tracked_since, last_active_on, days_active_14, people_active_14, frequency, engagement, refreshed_on)
   select id, (array['paying', 'paying', 'paying', 'free', 'cancelled'])[1 + n % 5], 'established', current_date - (n % 900)::int, current_date - 60, current_date,
          n % 14, n % 4, (array['daily', 'weekly', 'occasionally', 'inactive'])[1 + n % 4], n % 100, current_date
   from (select id, row_number() over (order by id) as n from accounts) a`,
  `insert into health (account_id, status, rank, score, open_cases, urgent_cases, contacts, changed_at)
   select account_id, status, case when status = 'paying' then (array['good', 'average', 'poor'])[1 + engagement % 3] end,
          case when status = 'paying' then (array[80, 50, 20])[1 + engagement % 3] end, 1, 0, 2, now() from account_engagement`,
  'analyze',
];
