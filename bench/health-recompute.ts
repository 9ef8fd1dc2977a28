import { emptyDatabase } from './database.ts';
import { readEverything } from './floor/health.ts';
import { type Benchmark, median, type Result } from './harness.ts';
import { fillBase } from './health-fill.ts';

const PAIRS = 5;

/**
 * P8: the health of a whole base, with the engagement that it stands on, against reading the same rows once and no more; and of one
 * account in a hundred. 100,000 accounts with ten million rows of usage with `--full`, a twentieth of that without.
 */
export const healthRecompute: Benchmark = {
  must: ({ figure, seconds, dirtySeconds, dirtyAllowed }) =>
    figure >= 0.25 && Number(seconds) <= 10 && Number(dirtySeconds) <= Number(dirtyAllowed),

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const size = { accounts: isFull ? 100_000 : 5_000, people: 6 };
    await fillBase(url, size);
    const found = await measured(url, size.accounts);
    server.stop();
    return found;
  },
};

/** Everything that P8 is about, on a base that is there. */
export async function measured(url: string, accounts: number): Promise<Result> {
  process.env.DATABASE_URL = url;
  process.env.NODE_ENV = 'test';
  process.env.LOG_LEVEL = 'silent';
  const { recomputeAllHealth, recomputeDueHealth } = await import('../src/health/health.ts');
  const { pool } = await import('../src/platform/db.ts');
  const timed = async (act: () => Promise<unknown>) => {
    const since = performance.now();
    await act();
    return (performance.now() - since) / 1000;
  };
  const firstSeconds = await timed(recomputeAllHealth);
  await pool.query('vacuum analyze');
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair % 2 === 0) ours.push(await timed(recomputeAllHealth));
    floor.push(await readEverything(pool));
    if (pair % 2 === 1) ours.push(await timed(recomputeAllHealth));
  }
  const dirty: number[] = [];
  for (let round = 0; round < PAIRS; round += 1) {
    await pool.query('insert into health_due select id from accounts order by id limit $1 offset $2', [
      accounts / 100,
      (round * accounts) / PAIRS,
    ]);
    await pool.query(`update usage_account_days set events = events + 1 where day = current_date`);
    dirty.push(await timed(recomputeDueHealth));
  }
  const rows = await pool.query<{ count: number }>(
    'select count(*)::int as count from usage_person_days where day >= current_date - 28',
  );
  await pool.end();
  const ratios = ours.map((seconds, index) => (floor[index] ?? NaN) / seconds);
  return {
    figure: round(median(ratios)), accounts, rows: rows.rows[0]?.count ?? 0, seconds: round(median(ours)), firstSeconds: round(firstSeconds),
    floorSeconds: round(median(floor)), dirtySeconds: round(median(dirty)), dirtyAllowed: 0.5, ratios: ratios.map(round),
  }; // prettier-ignore
}

const round = (value: number) => Math.round(value * 1000) / 1000;
