import { Pool } from 'undici';

import { freePort } from '../scripts/postgres.ts';
import { launch } from '../test/support/processes.ts';

import { interleave, type Benchmark, type Slice } from './harness.ts';

const BATCH = 1_000;
const CONNECTIONS = 4;
const PAIRS = 16;

/**
 * P4: batches of a thousand recipients with ten values each, signed links and an address to opt out at, put together and posted, against posting
 * a body that was made before. Requests are counted by the provider: none too large, none more than there have to be.
 */
export const emailAdapter: Benchmark = {
  must: ({ figure, tooMany, wasted }) => figure >= 0.18 && tooMany === 0 && Number(wasted) <= 0.01,

  async run({ isFull }) {
    const port = await freePort();
    const sinkUrl = `http://127.0.0.1:${String(port)}/`;
    Object.assign(process.env, {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', NODE_ENV: 'test', LOG_LEVEL: 'warn', SENDGRID_API_KEY: 'SG.bench', SENDGRID_BASE_URL: sinkUrl,
    }); // prettier-ignore
    const sink = await launch([`${import.meta.dirname}/campaigns/sink.ts`], {
      SINK_PORT: String(port),
      SINK_KEY: await aKey(),
    });
    const { product, prebuilt, sent } = await makeSlices(sinkUrl);
    const found = await interleave(product, prebuilt, isFull ? PAIRS * 6 : PAIRS);
    const counts = (await (await fetch(`${sinkUrl}counts`, { method: 'POST' })).json()) as Record<
      string,
      number
    >;
    sink.child.kill('SIGKILL');
    await sink.ended;
    const requests = sent();
    return {
      figure: round(found.ratio), perSecond: Math.round(found.productRate), prebuiltPerSecond: Math.round(found.floorRate),
      wasted: round((counts.requests ?? 0) / requests - 1), tooMany: counts.tooMany ?? 0, ratios: found.ratios.map(round),
    }; // prettier-ignore
  },
};

const round = (value: number) => Math.round(value * 1000) / 1000;

async function aKey(): Promise<string> {
  const { generateKeyPairSync } = await import('node:crypto');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function makeSlices(sinkUrl: string) {
  const { email } = await import('../src/channels/email.ts');
  const { bodyOf } = await import('../src/channels/email-request.ts');
  const { openPixel, trackedLink, unsubscribeUrl } = await import('../src/campaigns/mailing/links.ts');
  const paragraph =
    '<p style="margin:0 0 12px">Renewing in time keeps updates, fixes and our help desk available to your team.</p>';
  const slots = Array.from({ length: 10 }, (_, slot) => `%s${String(slot + 1)}%`);
  const message = {
    subject: 'For %s1%',
    html: `${paragraph.repeat(20)}${slots.join(' ')}<a href="%l1%">Renew</a>%open%`,
    text: `For ${slots.join(' ')}`,
  };
  const fields = slots.map((slot, index) => [slot, `Value ${String(index)} &lt;of&gt; somebody`] as const);
  let batches = 0;
  const batchOf = (batch: number) => ({
    runId: 1, batch, categories: ['Bench', 'success'], message,
    recipients: Array.from({ length: BATCH }, (_, index) => {
      const delivery = { runId: 1, n: (batch * BATCH + index) % 5_000_000 };
      const optOutUrl = unsubscribeUrl(delivery);
      const own = { '%unsubscribe%': optOutUrl, '%l1%': trackedLink(delivery, 7), '%open%': openPixel(delivery) };
      return { n: delivery.n, address: `p${String(delivery.n)}@harbour.example`, values: { ...Object.fromEntries(fields), ...own }, optOutUrl };
    }),
  }); // prettier-ignore

  const pool = new Pool(sinkUrl, { connections: CONNECTIONS });
  const body = bodyOf(batchOf(0));
  const headers = { 'content-type': 'application/json' };
  const product = async () => {
    const answer = await email.post(batchOf((batches += 1)), AbortSignal.timeout(30_000));
    if (answer.kind !== 'accepted') throw new Error(JSON.stringify(answer));
  };
  const prebuilt = async () => {
    batches += 1;
    const answer = await pool.request({ path: '/v3/mail/send', method: 'POST', headers, body });
    await answer.body.dump();
  };
  return { product: looping(product), prebuilt: looping(prebuilt), sent: () => batches };
}

/** So many at a time, for so long; in recipients. */
const looping =
  (post: () => Promise<void>): Slice =>
  async (milliseconds) => {
    const end = performance.now() + milliseconds;
    let done = 0;
    const lane = async () => {
      while (performance.now() < end) {
        await post();
        done += BATCH;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    return done;
  };
