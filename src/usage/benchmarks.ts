import { forStaff, type Viewer } from '../access/viewer.ts';
import { notRemoved } from '../accounts/removals.ts';
import { sizeOf } from '../accounts/sizes.ts';
import { now } from '../platform/clock.ts';
import { db, sql, transaction } from '../platform/db.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    refresh_benchmarks: Record<string, never>;
  }
}

/** What an account is measured by against others (AN4, AP12). */
export const benchmarked = [
  'days_active_14',
  'people_active_14',
  'actions_per_day',
  'minutes_per_day',
  'modules_14',
  'utilization',
] as const;
export type Benchmarked = (typeof benchmarked)[number];

/** An account's reading among those of others; `quantiles` from the least to the most in twenty equal steps. */
export interface Comparison {
  value: number;
  quantiles: readonly number[];
  /** 0 to 100: the share of them that have less, ties counted half. */
  percentile: number;
}

/** How an account does beside others of its status: those most like it, and all. */
export interface Benchmarks {
  /** What the peers have in common; both null when nobody is like it, and then all are its peers. */
  size: string | null;
  industry: string | null;
  peers: number;
  all: number;
  readings: { name: Benchmarked; peers: Comparison; all: Comparison }[];
}

/** Fewer are no measure: then those of the size, or of the industry alone, are the peers. */
const LEAST_PEERS = 10;
const STEPS = 20;
const FEW_ACCOUNTS = 20_000;

interface Group {
  size: string;
  industry: string;
  accounts: number;
  readings: Partial<Record<Benchmarked, (number | null)[] | null>>;
}

/** The account beside its like and beside all of its status; undefined until usage of it and of others was told. */
export async function benchmarksOf(viewer: Viewer, accountId: string): Promise<Benchmarks | undefined> {
  const { rows } = await sql<Group & { own: Partial<Record<Benchmarked, number | null>> }>`
    select b.size, b.industry, b.accounts, b.readings, to_jsonb(e) as own
    from accounts a join account_engagement e on e.account_id = a.id
    join engagement_benchmarks b on b.status = e.status and b.size in ('', ${sizeOf}) and b.industry in ('', a.industry)
    where a.id = ${accountId} and e.tracked_since is not null and ${forStaff(viewer)}`.execute(db);
  const all = rows.find(({ size, industry }) => size === '' && industry === '');
  if (all === undefined) return undefined;
  const closest = rows
    .filter(({ accounts }) => accounts >= LEAST_PEERS)
    .sort((one, other) => likeness(other) - likeness(one));
  const peers = closest[0] ?? all;
  const readings = benchmarked.flatMap((name) => {
    const [own, ofPeers, ofAll] = [all.own[name], quantilesOf(peers, name), quantilesOf(all, name)];
    if (own == null || ofPeers === undefined || ofAll === undefined) return [];
    return [{ name, peers: compare(own, ofPeers), all: compare(own, ofAll) }];
  });
  return {
    size: peers.size || null,
    industry: peers.industry || null,
    peers: peers.accounts,
    all: all.accounts,
    readings,
  };
}

/** Size tells more than industry. */
const likeness = ({ size, industry }: Group): number => (size === '' ? 0 : 2) + (industry === '' ? 0 : 1);

const quantilesOf = ({ readings }: Group, name: Benchmarked): number[] | undefined =>
  readings[name]?.filter((value) => value !== null);

/** Where a value stands among quantiles that ascend; in the middle of those that are equal to it. */
export function compare(value: number, quantiles: readonly number[]): Comparison {
  const last = Math.max(1, quantiles.length - 1);
  return { value, quantiles, percentile: Math.round((100 * placeOf(value, quantiles)) / last) };
}

function placeOf(value: number, quantiles: readonly number[]): number {
  const next = quantiles.findIndex((each) => each >= value);
  if (next === -1) return quantiles.length - 1;
  const [from, to] = [quantiles[next - 1], quantiles[next] ?? 0];
  if (to === value) return (next + quantiles.lastIndexOf(value)) / 2;
  return from === undefined ? 0 : next - 1 + (value - from) / (to - from);
}

/** Works out how the accounts of each status do: all of them, those of a size, of an industry, and of both. */
export async function refreshBenchmarks(): Promise<void> {
  const shares = sql.raw(
    `array[${Array.from({ length: STEPS + 1 }, (_, step) => String(step / STEPS)).join(',')}]::float8[]`,
  );
  const quantiles = benchmarked.map(
    (name) =>
      sql`${sql.lit(name)}, percentile_cont(${shares}) within group (order by ${sql.ref(`e.${name}`)}::float8)`,
  );
  await transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('benchmarks', 0)), set_config('work_mem', '64MB', true)`.execute(
      tx,
    );
    await sql`delete from engagement_benchmarks`.execute(tx);
    await sql`
      with tracked as (
        select e.*, coalesce(${sizeOf}, '-') as size, coalesce(a.industry, '-') as industry
        from account_engagement e join accounts a on a.id = e.account_id
        where e.tracked_since is not null and a.deleted_at is null and ${notRemoved('a.id')}
      )
      insert into engagement_benchmarks (status, size, industry, accounts, readings, found_at)
      select status, coalesce(size, ''), coalesce(industry, ''), count(*), jsonb_build_object(${sql.join(quantiles)}), ${now()}
      from tracked e group by grouping sets ((status), (status, size), (status, industry), (status, size, industry))
      having count(*) >= ${LEAST_PEERS} or (grouping(size) = 1 and grouping(industry) = 1)`.execute(tx);
  });
}

/** A reaction: works them out again when engagement has moved since, at most every minute, or quarter of an hour where there are many accounts. */
export async function refreshStaleBenchmarks(): Promise<void> {
  const { rows } = await sql<{ fresh: boolean }>`
    select coalesce(min(found_at) > ${now()}::timestamptz - case when sum(accounts) < ${FEW_ACCOUNTS} then interval '1 minute' else interval '15 minutes' end,
      false) as fresh
    from engagement_benchmarks`.execute(db);
  if (rows[0]?.fresh !== true) await refreshBenchmarks();
}
