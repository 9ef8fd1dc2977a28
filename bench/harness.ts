import { Pool } from 'undici';

/** What a benchmark found. `figure` is the one number that is followed over time. */
export interface Result {
  figure: number;
  [detail: string]: number | string | number[];
}

export interface Benchmark {
  run: (options: { isFull: boolean }) => Promise<Result>;
  /** Whether the goal's "must" is met. */
  must: (result: Result) => boolean;
}

/** Does as much work as it can for that many milliseconds; resolves to how much that was. */
export type Slice = (milliseconds: number) => Promise<number>;

const SLICE_MILLISECONDS = 50;

/**
 * Runs product and floor in short turns, so that what else the machine does falls on both alike; each pair gives
 * one ratio (product rate ÷ floor rate). Which of them goes first alternates.
 */
export async function interleave(product: Slice, floor: Slice, pairs: number): Promise<Interleaved> {
  await product(SLICE_MILLISECONDS * 10);
  await floor(SLICE_MILLISECONDS * 10);
  const ratios: number[] = [];
  const rates = { product: [] as number[], floor: [] as number[] };
  for (let pair = 0; pair < pairs; pair++) {
    const productFirst = pair % 2 === 0;
    const first = await rate(productFirst ? product : floor);
    const second = await rate(productFirst ? floor : product);
    const [ours, theirs] = productFirst ? [first, second] : [second, first];
    rates.product.push(ours);
    rates.floor.push(theirs);
    ratios.push(ours / theirs);
  }
  return {
    ratio: median(ratios),
    ratios,
    productRate: median(rates.product),
    floorRate: median(rates.floor),
  };
}

interface Interleaved {
  /** Median of the pairs' ratios. */
  ratio: number;
  ratios: number[];
  /** Median rates, a second. */
  productRate: number;
  floorRate: number;
}

async function rate(slice: Slice): Promise<number> {
  const since = performance.now();
  const done = await slice(SLICE_MILLISECONDS);
  return done / ((performance.now() - since) / 1000);
}

export function median(numbers: number[]): number {
  return quantile(numbers, 0.5);
}

export function quantile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

interface Request {
  origin: string;
  path: string;
  headers: Record<string, string>;
  /** Makes the body of each POST; without it the page is got. */
  body?: () => string;
}

/** Asks for one page over and over on that many connections, each waiting for its answer. Anything but 200 is an error. */
export function closedLoop(request: Request, connections: number): Slice {
  const pool = new Pool(request.origin, { connections, pipelining: 1 });
  const ask = () => answered(pool, request);
  return async (milliseconds) => {
    const end = performance.now() + milliseconds;
    let done = 0;
    const loop = async () => {
      while (performance.now() < end) {
        await ask();
        done++;
      }
    };
    await Promise.all(Array.from({ length: connections }, loop));
    return done;
  };
}

async function answered(pool: Pool, { path, headers, body }: Request): Promise<void> {
  const answer = await pool.request({ path, headers, method: body ? 'POST' : 'GET', body: body?.() ?? null });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${String(answer.statusCode)}`);
}

/**
 * Asks at a steady rate whether or not answers have come, for so many seconds or while the work lasts, and returns the latencies in milliseconds.
 * @throws Error for any answer but 200
 */
export async function openLoop(
  request: Request,
  perSecond: number,
  lasts: number | Promise<unknown>,
): Promise<number[]> {
  let isOver = false;
  const goesOn = () => !isOver;
  if (typeof lasts !== 'number') void lasts.finally(() => (isOver = true));
  const most = typeof lasts === 'number' ? perSecond * lasts : Infinity;
  const pool = new Pool(request.origin, { connections: 64, pipelining: 1 });
  const latencies: number[] = [];
  const asked: Promise<void>[] = [];
  const start = performance.now();
  for (let index = 0; index < most && goesOn(); index++) {
    const due = start + (index * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    asked.push(
      answered(pool, request).then(() => {
        latencies.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(asked);
  await pool.close();
  return latencies;
}
