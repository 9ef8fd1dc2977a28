import { afterAll, beforeAll, expect, test } from 'vitest';

import { randomFrom } from '../../../sandbox/demo/random.ts';
import { runQuery } from '../../../sandbox/salesforce/soql/query.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { contextOfAdmin } from '../records/admin.ts';
import { fill } from './naive/corpus.ts';
import { evaluate } from './naive/evaluate.ts';
import { randomQuery } from './naive/generator.ts';
import { soqlOf } from './naive/query.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';
import type { Context } from '../../../sandbox/salesforce/context.ts';
import type { World } from './naive/terms.ts';
import type { Query } from './naive/query.ts';

/* SOQL_QUERIES=100000 SOQL_SEED=7 vitest run test/sandbox/soql/differential.test.ts */
const count = Number(process.env.SOQL_QUERIES ?? 2000);
const seed = Number(process.env.SOQL_SEED ?? 20_260_310);

/** A night after clocks went forward, when it is still yesterday where the user is. */
const now = new Date('2026-03-10T02:30:00Z');

let sandbox: RunningSandbox;
let ctx: Context;
let connection: Connection;
let world: World;

beforeAll(async () => {
  sandbox = await startSandbox();
  world = await fill(sandbox.org, seed, now);
  ctx = await contextOfAdmin(sandbox.org);
  connection = await sandbox.connect();
});
afterAll(() => sandbox.close());

/** Answers without what only says where records are, numbers as far as they are exact. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, each: unknown) => {
    if (key === 'attributes') return undefined;
    return typeof each === 'number' ? Number(each.toPrecision(12)) : each;
  });

/** Where nothing orders the records, any order is right. */
const lines = (query: Query, records: unknown[]): string[] => {
  const all = records.map((record) => JSON.stringify(plain(record)));
  return query.order.length > 0 ? all : all.sort();
};

/** Most queries are asked inside of the process, one in fifty as clients ask. */
let asked = 0;
async function ask(soql: string): Promise<{ totalSize: number; records: unknown[] }> {
  asked += 1;
  return asked % 50 === 0 ? connection.query(soql) : runQuery(ctx, soql);
}

async function difference(query: Query, soql: string): Promise<string | undefined> {
  const expected = evaluate(world, query);
  const wanted = [String(expected.totalSize), ...lines(query, expected.records)];
  try {
    const { totalSize, records } = await ask(soql);
    const found = [String(totalSize), ...lines(query, records)];
    const at = wanted.findIndex((line, place) => line !== found[place]);
    if (at === -1 && found.length === wanted.length) return undefined;
    return `expected ${wanted[at] ?? 'nothing more'}\nfound    ${found[at] ?? 'nothing'}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test(`${String(count)} queries of seed ${String(seed)} answer as plain loops over the records do`, async () => {
  const differing: string[] = [];
  let answered = 0;
  for (let from = 0; from < count && differing.length < 5; from += 8) {
    const batch = Array.from({ length: Math.min(8, count - from) }, async (_, at) => {
      const random = randomFrom(seed, 'query', from + at);
      const query = randomQuery(random, world);
      const soql = soqlOf(query, (text) => (random.chance(0.2) ? text.toLowerCase() : text));
      const found = await difference(query, soql);
      if (found !== undefined) differing.push(`#${String(from + at)} ${soql}\n${found}`);
      answered += 1;
    });
    await Promise.all(batch);
  }
  expect(differing.join('\n\n')).toBe('');
  expect(answered).toBe(count);
}, 3_600_000);
