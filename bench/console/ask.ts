import { Pool } from 'undici';

import { quantile } from '../harness.ts';

/** How one look at a page went. */
export interface Answer {
  name: string;
  path: string;
  /** 0: there was no answer at all. */
  status: number;
  milliseconds: number;
}

export interface Question {
  name: string;
  path: string;
  cookie: string;
}

/** Asks at a steady rate whether or not answers have come; latencies count from when each question was due. */
export async function ask(
  origin: string,
  next: () => Question,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Answer[]> {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  const asked: Promise<Answer>[] = [];
  const start = performance.now();
  for (let index = 0; index < perSecond * seconds; index++) {
    const due = start + (index * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    asked.push(answerTo(pool, next(), due));
  }
  const answers = await Promise.all(asked);
  await pool.close();
  return answers;
}

async function answerTo(pool: Pool, { name, path, cookie }: Question, due: number): Promise<Answer> {
  let status = 0;
  try {
    const answer = await pool.request({ path, method: 'GET', headers: { cookie } });
    await answer.body.dump({ limit: 10_000_000 });
    status = answer.statusCode;
  } catch {
    /* Told by its status, with the others that went wrong. */
  }
  return { name, path, status, milliseconds: performance.now() - due };
}

/** Median, 95th and 99th of a hundred, in milliseconds, and how many. */
export function summary(answers: readonly Answer[]): string {
  const times = answers.map(({ milliseconds }) => milliseconds);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => Math.round(quantile(times, share)));
  return `${String(p50)}/${String(p95)}/${String(p99)} of ${String(times.length)}`;
}
