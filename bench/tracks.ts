import pg from 'pg';

import { emptyDatabase, onDatabase } from './database.ts';
import { empty, insertRows, prepareRows } from './floor/tracks.ts';
import { type Benchmark, median } from './harness.ts';
import { population } from './segmentation.ts';

const PEOPLE = 100_000;
const FULL_PEOPLE = 500_000;
const PAIRS = 5;
const FULL_PAIRS = 3;
/** A fifth of the people each; the product's own at full size. */
const WAVES = 5;

/**
 * TRACKS: people enter a track by a rule, a wave of them is handed over for a message, and a wave comes to the end of a wait. The floors insert as
 * many rows as each of them writes down (of those who are in it, of what was passed) into a table with the same indexes, and ask, move and count
 * nothing. The figure is that of handing over.
 */
export const tracks: Benchmark = {
  must: ({ figure, enter, wait, lost }) =>
    figure >= 0.08 && Number(enter) >= 0.3 && Number(wait) >= 0.07 && lost === 0,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const people = isFull ? FULL_PEOPLE : PEOPLE;
    await onDatabase(url, population(people));
    process.env.DATABASE_URL = url;
    process.env.NODE_ENV = 'test';
    process.env.LOG_LEVEL = 'silent';
    const track = await import('./tracks/track.ts');
    const floor = new pg.Client({ connectionString: url });
    await floor.connect();
    const id = await track.givenTrack();
    const known = await track.known();

    let entered = await track.letEnter(id);
    const entering: Pair[] = [];
    for (let pair = 0; pair < (isFull ? FULL_PAIRS : PAIRS); pair++) {
      await track.forget();
      const product = await timed(async () => (entered = await track.letEnter(id)));
      await prepareRows(floor, 'track_people', 'true');
      entering.push({ product, floor: await timed(() => insertRows(floor, 'track_people')) });
      await empty(floor);
    }

    const size = Math.ceil(entered / WAVES);
    const waves = async (step: string): Promise<Pair[]> => {
      const pairs: Pair[] = [];
      for (let wave = 0; wave < WAVES; wave++) {
        const before = await maxPassed(floor);
        const product = await timed(() => track.move(id, size, known));
        await prepareRows(floor, 'track_path', `step = '${step}' and passed_at > '${before}'`);
        pairs.push({ product, floor: await timed(() => insertRows(floor, 'track_path')) });
      }
      return pairs;
    };
    const sending = await waves('letter');
    track.passMinutes();
    const waiting = await waves('minutes');

    const [stand, handed] = [await track.standing(id), await track.handedOver(id)];
    await floor.end();
    await track.end();
    server.stop();
    return {
      figure: ratioOf(sending), enter: ratioOf(entering), wait: ratioOf(waiting), people: entered, wave: size,
      enterSeconds: secondsOf(entering), sendSeconds: secondsOf(sending), waitSeconds: secondsOf(waiting),
      lost: entered - (stand.end ?? 0) + (entered - handed), sendRatios: ratiosOf(sending), enterRatios: ratiosOf(entering), waitRatios: ratiosOf(waiting),
    }; // prettier-ignore
  },
};

/** Seconds of one turn of each. */
interface Pair {
  product: number;
  floor: number;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
const ratiosOf = (pairs: readonly Pair[]): number[] =>
  pairs.map(({ product, floor }) => round(floor / product));
const ratioOf = (pairs: readonly Pair[]): number => round(median(ratiosOf(pairs)));
const secondsOf = (pairs: readonly Pair[]): number => round(median(pairs.map(({ product }) => product)));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return (performance.now() - since) / 1000;
}

/** When somebody passed a step last: a wave's rows are those that come after. */
async function maxPassed(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ last: string }>(
    `select coalesce(max(passed_at), 'epoch')::text as last from track_path`,
  );
  return rows[0]?.last ?? 'epoch';
}
