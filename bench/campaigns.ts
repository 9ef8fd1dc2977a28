import { peakMemory, openHouse, type Burst, type House } from './campaigns/house.ts';
import { median, type Benchmark } from './harness.ts';

const CAMPAIGNS = 5;
const ROUNDS = 7;
const FULL_ROUNDS = 3;

/**
 * P1: five campaigns activated at once, of ten merge fields each: audience, eligibility, content, requests,
 * signed events, statistics, until the last message is counted as delivered. Against the bare floor pipeline. 30,000 recipients; with `--full`
 * 500,000, and then five times 500,000, with a table of the family's licenses in each message.
 */
export const campaigns: Benchmark = {
  must: ({ figure, seconds, lost, duplicates, allowed }) =>
    figure >= 0.35 && Number(seconds) <= Number(allowed) && lost === 0 && duplicates === 0,

  async run({ isFull }) {
    const people = isFull ? 500_000 : 6_000;
    const house = await openHouse(people, { hasTable: isFull });
    const each = isFull ? 100_000 : people;
    await house.burst(1, Math.min(each, 2_000));
    const [ours, floors, bursts]: [number[], number[], Burst[]] = [[], [], []];
    for (let round = 0; round < (isFull ? FULL_ROUNDS : ROUNDS); round++) {
      const burst = await house.burst(CAMPAIGNS, each);
      bursts.push(burst);
      ours.push(burst.milliseconds);
      floors.push(await house.floor(CAMPAIGNS, each, bytesOf(burst)));
    }
    const large = isFull ? await house.burst(CAMPAIGNS, people) : undefined;
    const hot = await shareHot(house);
    const memory = peakMemory(house.worker);
    await house.end();
    const ratios = ours.map((milliseconds, round) => (floors[round] ?? NaN) / milliseconds);
    const all = [...bursts, ...(large === undefined ? [] : [large])];
    const meant = bursts.length * CAMPAIGNS * each + (large === undefined ? 0 : CAMPAIGNS * people);
    return {
      figure: round(median(ratios)), recipients: CAMPAIGNS * each, seconds: round(median(ours) / 1000), allowed: 90,
      takenSeconds: round(median(bursts.map(({ taken }) => taken)) / 1000), floorSeconds: round(median(floors) / 1000),
      ...(large !== undefined && { largeRecipients: CAMPAIGNS * people, largeSeconds: round(large.milliseconds / 1000) }),
      lost: meant - sum(all, 'messages') + sum(all, 'duplicates'), duplicates: sum(all, 'duplicates'), requests: sum(all, 'requests'),
      workerMegabytes: memory, hotShare: round(hot), ratios: ratios.map(round),
    }; // prettier-ignore
  },
};

/** P14: the most memory of the worker for a run ten times as large, and what it grew by. */
export const campaignMemory: Benchmark = {
  must: ({ figure, megabytes }) => figure <= 1.3 && Number(megabytes) <= 300,

  async run({ isFull }) {
    const large = isFull ? 500_000 : 30_000;
    const house = await openHouse(large, { hasTable: true });
    await house.burst(1, large / 10);
    const small = peakMemory(house.worker);
    await house.burst(1, large);
    const megabytes = peakMemory(house.worker);
    await house.end();
    return { figure: round(megabytes / small), megabytes, smallMegabytes: small, recipients: large };
  },
};

/** P15 and P16: the share of updates of the ledger that are HOT, and the bytes of write-ahead log a recipient. They do not hang on the machine's load. */
export const campaignWrites: Benchmark = {
  must: ({ figure, walBytes, walAllowed }) => figure >= 0.7 && Number(walBytes) <= Number(walAllowed),

  async run({ isFull }) {
    const people = isFull ? 200_000 : 10_000;
    const house = await openHouse(people, { hasTable: true });
    const before = await position(house);
    await house.burst(1, people);
    const walBytes = Math.round(((await position(house)) - before) / people);
    const hot = await shareHot(house);
    await house.end();
    return { figure: round(hot), walBytes, walAllowed: WAL_ALLOWED, recipients: people };
  },
};

/* Measured, and a fifth more: planning, sending, two events a recipient. */
const WAL_ALLOWED = 2_650;

const round = (value: number) => Math.round(value * 1000) / 1000;

const sum = (bursts: readonly Burst[], name: keyof Burst['counts']) =>
  bursts.reduce((total, { counts }) => total + counts[name], 0);

/** Bytes of a recipient's part of a request, for the floor to post as many. */
const bytesOf = ({ counts }: Burst) => Math.max(0, Math.round(counts.bytes / counts.messages) - 150);

async function position({ db }: House): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>(`select pg_current_wal_lsn() - '0/0' as bytes`);
  return Number(rows[0]?.bytes ?? 0);
}

/** Counted by each session now and then, and when it is idle. */
async function shareHot({ db }: House): Promise<number> {
  await new Promise((wait) => setTimeout(wait, 2_500));
  const { rows } = await db.query<{ share: number }>(
    `select (n_tup_hot_upd::float8 / nullif(n_tup_upd, 0)) as share from pg_stat_user_tables where relname = 'deliveries'`,
  );
  return rows[0]?.share ?? 0;
}
