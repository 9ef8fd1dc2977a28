import { freePort } from '../scripts/postgres.ts';
import { launch } from '../test/support/processes.ts';

import { emptyDatabase, onDatabase } from './database.ts';
import { chatFloor } from './floor/chat.ts';
import type { Benchmark } from './harness.ts';

const LATENCY = 100;
const IN_FLIGHT = 128;
const LANES = 4;
/** Until the provider's limit is found; what is refused by then counts among the refusals. */
const WARM_UP = 4_000;
const SECONDS = 8;

/**
 * P5: chat messages, one a request, to people whose conversations are known, through a provider that answers after 100 ms: without a limit, and with one that it
 * does not tell. The figure is the worse of the rates against what is possible, min(limit, in flight ÷ latency). Its floor posts one body over and over.
 */
export const chatAdapter: Benchmark = {
  must: ({ figure, limitedShare, duplicates }) =>
    figure >= 0.85 && Number(limitedShare) <= 0.01 && duplicates === 0,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const port = await freePort();
    const origin = `http://127.0.0.1:${String(port)}`;
    Object.assign(process.env, {
      DATABASE_URL: url, NODE_ENV: 'test', LOG_LEVEL: 'warn', SUNSHINE_APP_ID: 'bench', SUNSHINE_KEY_ID: 'app_bench', SUNSHINE_SECRET: 'bench',
      SUNSHINE_BASE_URL: origin, SUNSHINE_IN_FLIGHT: String(IN_FLIGHT),
    }); // prettier-ignore
    const sink = await launch([`${import.meta.dirname}/chat/sink.ts`], {
      SINK_PORT: String(port),
      CHAT_LATENCY: String(LATENCY),
    });
    await onDatabase(url, [
      `insert into chat_conversations select erasure_hash('p' || i || '@harbour.example'), 'c' || i, now() from generate_series(0, 19999) i`,
    ]);
    const product = await productSlice();
    const floor = chatFloor(origin, IN_FLIGHT);
    const most = (IN_FLIGHT * 1_000) / LATENCY;
    const free = await measure(origin, { limit: null, slice: product, seconds: isFull ? 60 : SECONDS });
    const floorRate = ((await floor(3_000)) / 3_000) * 1_000;
    const limit = 400;
    const limited = await measure(origin, { limit, slice: product, seconds: isFull ? 120 : SECONDS * 2 });
    const { pool } = await import('../src/platform/db.ts');
    await pool.end();
    sink.child.kill('SIGKILL');
    await sink.ended;
    server.stop();
    return {
      figure: round(Math.min(free.rate / most, limited.rate / limit)),
      limitedShare: round(limited.limited / (limited.taken + limited.limited)),
      duplicates: free.duplicates + limited.duplicates,
      perSecond: Math.round(free.rate), possible: most, floorPerSecond: Math.round(floorRate), toFloor: round(free.rate / floorRate),
      underLimitPerSecond: Math.round(limited.rate), limit,
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 1000) / 1000;

interface Counts {
  taken: number;
  limited: number;
  duplicates: number;
}

async function measure(
  origin: string,
  {
    limit,
    slice,
    seconds,
  }: { limit: number | null; slice: (until: () => boolean) => Promise<void>; seconds: number },
): Promise<Counts & { rate: number }> {
  await fetch(`${origin}/limit`, { method: 'POST', body: JSON.stringify({ perSecond: limit }) });
  const counts = async () => (await (await fetch(`${origin}/counts`)).json()) as Counts;
  let isOver = false;
  const running = slice(() => isOver);
  await new Promise((wait) => setTimeout(wait, WARM_UP));
  const [before, since] = [await counts(), performance.now()];
  await new Promise((wait) => setTimeout(wait, seconds * 1_000));
  const [after, until] = [await counts(), performance.now()];
  isOver = true;
  await running;
  return { ...(await counts()), rate: ((after.taken - before.taken) * 1_000) / (until - since) };
}

/** Lanes that post batch after batch, as mailing does. */
async function productSlice() {
  const { chat } = await import('../src/channels/chat.ts');
  const message = {
    subject: 'News',
    html: '',
    text: 'Dear %s1%,\n\nthree is out, with %s2%.\n\nRead more: %l1%\nUnsubscribe: %unsubscribe%',
  };
  let next = 0;
  const batchOf = (batch: number) => ({
    runId: 1, batch, categories: ['Bench', 'success'], message,
    recipients: Array.from({ length: chat.batchSize }, () => {
      const n = (next += 1);
      const own = { '%s1%': `Person ${String(n)}`, '%s2%': 'many things', '%l1%': `https://tidewater.example/c/${String(n)}`, '%unsubscribe%': `https://tidewater.example/u/${String(n)}` };
      return { n, address: `p${String(n % 20_000)}@harbour.example`, values: own };
    }),
  }); // prettier-ignore
  return async (isOver: () => boolean) => {
    const lane = async (number: number) => {
      for (let batch = number; !isOver(); batch += LANES) {
        const answer = await chat.post(batchOf(batch), AbortSignal.timeout(30_000));
        if (answer.kind !== 'divided') throw new Error(JSON.stringify(answer));
        if (answer.rows.some(({ kind }) => kind !== 'accepted'))
          throw new Error(JSON.stringify(answer.rows[0]));
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  };
}
