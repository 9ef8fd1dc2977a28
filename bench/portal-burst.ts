import { setTimeout as sleep } from 'node:timers/promises';

import { openHouse, type Burst, type House } from './campaigns/house.ts';
import { onDatabase } from './database.ts';
import { openLoop, quantile, type Benchmark } from './harness.ts';

const CAMPAIGNS = 5;
const ROUNDS = 4;
const PER_SECOND = 40;
const IDLE_SECONDS = 4;
const SMALL = 100;
const PAGE = '/portal/cases';

/**
 * P13: a customer's page while five campaigns are sent and told of, asked for forty times a second whether or not answers came, against the same
 * page while nothing goes on; beside it, what a campaign of a hundred that is activated in the middle takes. The floor is the same page while
 * the bare pipeline sends as much.
 */
export const portalBurst: Benchmark = {
  must: ({ figure, p99, smallSeconds }) => figure <= 10 && Number(p99) <= 250 && Number(smallSeconds) <= 5,

  async run({ isFull }) {
    const people = isFull ? 100_000 : 6_000;
    const house = await openHouse(people, { hasTable: isFull });
    const portal = { origin: house.portal, path: PAGE, headers: { cookie: await givenCookie() } };
    const ask = (lasts: number | Promise<unknown>) => openLoop(portal, PER_SECOND, lasts);
    await ask(3);
    await house.burst(1, Math.min(people, 2_000));
    const found = {
      idle: [] as number[],
      burst: [] as number[],
      floor: [] as number[],
      small: [] as number[],
    };
    for (let round = 0; round < (isFull ? 1 : ROUNDS); round++) {
      found.idle.push(...(await ask(IDLE_SECONDS)));
      const { bytes, latencies, small } = await burstWith(house, people, ask);
      found.burst.push(...latencies);
      found.small.push(small);
      const bare = house.floor(CAMPAIGNS, people, bytes);
      found.floor.push(...(await ask(bare)));
      await bare;
    }
    await house.end();
    const p99 = quantile(found.burst, 0.99);
    return {
      figure: round(p99 / quantile(found.idle, 0.99)), p99: round(p99), p50: round(quantile(found.burst, 0.5)), max: round(Math.max(...found.burst)),
      idleP99: round(quantile(found.idle, 0.99)), idleP50: round(quantile(found.idle, 0.5)), floorP99: round(quantile(found.floor, 0.99)),
      answers: found.burst.length, smallSeconds: round(Math.max(...found.small) / 1000), recipients: CAMPAIGNS * people,
    }; // prettier-ignore
  },
};

/** A burst with pages asked for all the while, and one more campaign once the provider is getting messages. */
async function burstWith(
  house: House,
  people: number,
  ask: (lasts: Promise<unknown>) => Promise<number[]>,
): Promise<{ bytes: number; latencies: number[]; small: number }> {
  const burst = house.burst(CAMPAIGNS, people);
  const asking = ask(burst);
  await untilSending(house);
  const small = await house.beside(SMALL);
  const { counts } = await burst;
  return { bytes: bytesOf(counts), latencies: await asking, small };
}

async function untilSending({ db }: House): Promise<void> {
  for (;;) {
    const { rows } = await db.query(`select from batches b join runs r on r.id = b.run_id where r.state <> 'completed' and b.state = 'sending' limit 1`); // prettier-ignore
    if (rows.length > 0) return;
    await sleep(20);
  }
}

/** Bytes of a recipient's part of a request, for the floor to post as many. */
const bytesOf = (counts: Burst['counts']) => Math.max(0, Math.round(counts.bytes / counts.messages) - 150);

const round = (value: number) => Math.round(value * 1000) / 1000;

/** A customer with two hundred cases, who has signed in. */
async function givenCookie(): Promise<string> {
  const { createApp } = await import('../src/app.ts');
  const { givenCustomer, sessionCookieOf } = await import('../test/support/people.ts');
  const customer = await givenCustomer();
  await onDatabase(process.env.DATABASE_URL ?? '', [
    `insert into cases (salesforce_id, number, account_id, subject, description, status, priority, created_at, modified_at)
     select '500' || md5('${customer.account.id}' || n), n::text, '${customer.account.id}', 'Backup of volume ' || n || ' stops at 40 %',
       repeat('The log says that the volume is not there. ', 5), (array['New', 'Working', 'Closed'])[1 + n % 3], 'Medium', now() - n * interval '1 minute', now()
     from generate_series(1, 200) n`,
    'vacuum analyze cases',
  ]);
  return await sessionCookieOf(createApp(), customer);
}
