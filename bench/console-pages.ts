import { join } from 'node:path';

import { freePort } from '../scripts/postgres.ts';
import { launch } from '../test/support/processes.ts';

import { any, chooser, looks } from './console/mix.ts';
import { type Answer, ask, type Question, summary } from './console/ask.ts';
import { fillConsole } from './console/fill.ts';
import { emptyDatabase } from './database.ts';
import { type Benchmark, quantile } from './harness.ts';

const PER_SECOND = 50;
const WARM_UP_SECONDS = 10;

/**
 * The console's pages as people look at them, at a steady fifty a second, with sessions and queries: 100,000 accounts and ten million
 * rolled-up rows with `--full`, a tenth of that without. Every answer that is not a page is told. The floor is the same loop with one of
 * the pages held constant: what asking, rendering and sending take by themselves.
 */
export const consolePages: Benchmark = {
  must: ({ p95, bad }) => Number(p95) < 100 && bad === 0,

  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    const cookies = await fillConsole(url, { accounts: isFull ? 100_000 : 10_000, people: 3 });
    const [port, floorPort] = [await freePort(), await freePort()];
    const environment = { DATABASE_URL: url, NODE_ENV: 'test', LOG_LEVEL: 'warn', PORT: String(port) };
    const web = await launch([join(import.meta.dirname, '../src/server.ts')], environment);
    const floor = await launch([join(import.meta.dirname, 'floor/page.ts')], {
      ...environment, PAGE: '/console/accounts', COOKIE: cookies[0] ?? '', FLOOR_PORT: String(floorPort),
    }); // prettier-ignore

    const choose = chooser(await looks(url));
    const next = (): Question => {
      const { name, path } = choose();
      return { name, path: path(), cookie: any(cookies) };
    };
    const origin = (of: number) => `http://127.0.0.1:${String(of)}`;
    const seconds = isFull ? 60 : 20;
    await ask(origin(port), next, { perSecond: PER_SECOND / 2, seconds: WARM_UP_SECONDS });
    const answers = await ask(origin(port), next, { perSecond: PER_SECOND, seconds });
    const floorAnswers = await ask(origin(floorPort), next, { perSecond: PER_SECOND, seconds: 5 });

    web.child.kill('SIGTERM');
    floor.child.kill('SIGTERM');
    await Promise.all([web.ended, floor.ended]);
    server.stop();
    return { ...figuresOf(answers), floor: summary(floorAnswers) };
  },
};

function figuresOf(answers: readonly Answer[]) {
  const [p50 = NaN, p95 = NaN, p99 = NaN] = [0.5, 0.95, 0.99].map((share) =>
    Math.round(quantile(answers.map(({ milliseconds }) => milliseconds), share)),
  ); // prettier-ignore
  const wrong = answers.filter(({ status }) => status !== 200);
  const names = [...new Set(answers.map(({ name }) => name))].sort();
  const pages = names.map((name) => [name, summary(answers.filter((answer) => answer.name === name))]);
  return {
    figure: p95, p50, p95, p99, looks: answers.length, bad: wrong.length,
    wrong: wrong.slice(0, 20).map(({ path, status }) => `${String(status)} ${path}`).join(', '),
    ...(Object.fromEntries(pages) as Record<string, string>),
  }; // prettier-ignore
}
