import pg from 'pg';

import { emptyDatabase, onDatabase } from './database.ts';
import { insertRows, prepareFloor } from './floor/ledger.ts';
import { type Benchmark, median } from './harness.ts';

const PEOPLE = 100_000;
const FULL_PEOPLE = 600_000;
const PAIRS = 8;
const PARALLEL = 5;

/**
 * P2: from a list to the ledger of a run: its rule, duplicates, suppression, consent, caps over what was sent before, quiet hours, batches. The
 * floor inserts the same rows into a table with the same indexes and asks nothing. Then twenty rules, five at a time and without caps, as runs that
 * count each other's messages wait for each other: none may be planned so badly that it takes three times as long as they usually do.
 */
export const segmentation: Benchmark = {
  must: ({ figure, slowest }) => figure >= 0.3 && Number(slowest) <= 3,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const people = isFull ? FULL_PEOPLE : PEOPLE;
    await onDatabase(url, population(people));
    process.env.DATABASE_URL = url;
    process.env.NODE_ENV = 'test';
    process.env.LOG_LEVEL = 'silent';
    const campaigns = await import('./segmentation/campaigns.ts');
    const floor = new pg.Client({ connectionString: url });
    await floor.connect();

    await campaigns.forget(await campaigns.plan());
    const ratios: number[] = [];
    const seconds: number[] = [];
    let rows = 0;
    for (let pair = 0; pair < (isFull ? 3 : PAIRS); pair++) {
      const planned = await timed(campaigns.plan);
      rows = await prepareFloor(floor, planned.result);
      const inserted = await timed(() => insertRows(floor));
      await campaigns.forget(planned.result);
      ratios.push(inserted.seconds / planned.seconds);
      seconds.push(planned.seconds);
    }

    const spread: number[] = [];
    const rules = campaigns.rules();
    for (let from = 0; from < rules.length; from += PARALLEL) {
      const round = await Promise.all(
        rules
          .slice(from, from + PARALLEL)
          .map((rule) => timed(() => campaigns.plan(rule, { isCapped: false }))),
      );
      for (const { result } of round) await campaigns.forget(result);
      spread.push(...round.map((one) => one.seconds));
    }
    const together = await timed(() => Promise.all(Array.from({ length: PARALLEL }, () => campaigns.plan())));

    for (const runId of together.result) await campaigns.forget(runId);

    await floor.end();
    await campaigns.end();
    server.stop();
    return {
      figure: round(median(ratios)), people, rows, rowsPerSecond: Math.round(rows / median(seconds)), ratios: ratios.map(round),
      slowest: round(Math.max(...spread) / median(spread)), medianRule: round(median(spread)), slowestRule: round(Math.max(...spread)),
      ruleSeconds: spread.map(round), fiveAtOnceSeconds: round(together.seconds),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 100) / 100;

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const since = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - since) / 1000 };
}

const id = (prefix: string, number: string) => `'${prefix}' || lpad((${number})::text, 15, '0')`;
const hash = (address: string) => `sha256((select salt from erasure_salt) || convert_to(${address}, 'UTF8'))`;

/** Ten people an account, one in twenty known in two accounts; one in thirty each is suppressed, or wants none of it; most got three messages lately. */
export const population = (people: number): string[] => [
  `insert into accounts (id, name, industry, employees, billing_country, created_at, modified_at)
   select ${id('001', 'n')}, 'Account ' || n, (array['Retail', 'Energy', 'Media', 'Banking', 'Health'])[1 + n % 5], n % 3000,
          (array['Germany', 'United States', 'Japan', 'Brazil', 'France', 'Canada', null])[1 + n % 7], now(), now()
   from generate_series(0, ${String(people / 10)}) n`,
  `insert into account_engagement (account_id, status, contract_value_minor, refreshed_on)
   select id, case when employees % 3 = 0 then 'free' else 'paying' end, employees * 1000, current_date from accounts`,
  `insert into contacts (id, name, account_id, locale, email, modified_at)
   select ${id('003', 'n')}, 'Person ' || n, ${id('001', 'n / 10')}, case n % 9 when 0 then 'de' when 1 then 'ja' end,
     'person' || case when n % 20 = 0 then n + 7 else n end || '@customer' || n % 977 || '.example', now()
   from generate_series(1, ${String(people)}) n`,
  `insert into account_people (account_id, contact_id, email_normalized, name, engagement, days_active_14)
   select account_id, id, email_normalized, name, (right(id, 6)::int % 100), right(id, 6)::int % 14 from contacts`,
  `insert into suppressed_addresses (address_hash, channel, reason, since)
   select ${hash('email_normalized')}, 'email', 'bounced', now() from account_people where id % 30 = 0 on conflict do nothing`,
  `insert into consent_states (address_hash, topic, is_granted, said_at)
   select ${hash('email_normalized')}, 'product-news', false, now() from account_people where id % 30 = 1 on conflict do nothing`,
  `insert into campaigns (name, message_class, topic, channel, owner_id, created_at, changed_at)
   select 'Campaign ' || n, 'marketing', 'product-news', 'email', gen_random_uuid(), now(), now() from generate_series(1, 8) n`,
  `insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, planned_at, audience_count, ended_at)
   select id, 1, 'earlier', now() - interval '3 days', 'completed', '{"messageClass": "marketing", "channel": "email"}',
     now() - interval '3 days', ${String(people)}, now() - interval '2 days'
   from campaigns order by name limit 3`,
  `insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state, settled_at)
   select r.id, row_number() over (partition by r.id order by p.id), p.id, p.account_id, p.email_normalized, 'en', p.id / 1000, 'sent', now() - interval '2 days'
   from runs r, account_people p where (p.id + r.id) % 4 > 0 on conflict do nothing`,
  'vacuum analyze',
];
