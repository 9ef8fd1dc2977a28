import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

/*
 * npm run test:seeds: plays SEEDS (100) seeds of each fault of campaigns, several faults beside each other, since much of a seed is waiting: for
 * leases, processes, databases that come back. Seeds that have passed before are passed over. `-- F4 'F1 chat'` plays these alone, `--at-once 2`
 * fewer beside each other. Over Kafka: `npm run test:kafka -- --seeds F4`.
 */

/** In the order in which they are begun: what takes longest comes first. */
const files: Readonly<Record<string, readonly string[]>> = {
  database: ['F4', 'F5', 'F13'],
  processes: ['F3', 'F2', 'F14'],
  schema: ['F14 schema'],
  killed: ['F1'],
  chat: ['F1 chat'],
  provider: ['F6', 'F7', 'F10'],
  people: ['F12', 'F11', 'F9'],
};

interface Options {
  /** All, if none are named. */
  faults: readonly string[];
  atOnce: number;
  environment?: Record<string, string>;
}

/** Says of each fault how many seeds passed, and which did not. @returns whether all did */
export async function playSeeds({ faults, atOnce, environment = {} }: Options): Promise<boolean> {
  const waiting = Object.entries(files).flatMap(([file, each]) => each.map((fault) => ({ file, fault })));
  const queue = waiting.filter(({ fault }) => faults.length === 0 || faults.includes(fault));
  const results: boolean[] = [];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await play(next, environment));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results.every(Boolean);
}

async function play(
  { file, fault }: { file: string; fault: string },
  environment: Record<string, string>,
): Promise<boolean> {
  const folder = environment.KAFKA_BROKERS === undefined ? '.data/faults' : '.data/faults/kafka';
  const name = `${folder}/${fault.toLowerCase().replaceAll(/[^\w]+/g, '-')}`;
  mkdirSync(folder, { recursive: true });
  const log = createWriteStream(`${name}.log`);
  await once(log, 'open');
  const since = Date.now();
  const arguments_ = ['run', `test/faults/campaigns/${file}.test.ts`, '-t', `^${fault}: `, '--reporter', 'verbose'];
  const vitest = spawn('vitest', arguments_, {
    stdio: ['ignore', log, log],
    env: { ...process.env, SEEDS: process.env.SEEDS ?? '100', ...environment },
  });
  const [code] = (await once(vitest, 'exit')) as [number | null];
  const seconds = ((Date.now() - since) / 1000).toFixed(0);
  const failed = code === 0 ? '' : `; FAILED${seedsIn(readFileSync(`${name}.log`, 'utf8'))}, see ${name}.log`;
  process.stdout.write(`${fault}: ${String(passedIn(name))} seeds have passed, after ${seconds} s${failed}\n`);
  return code === 0;
} // prettier-ignore

const passedIn = (path: string): number =>
  existsSync(path) ? new Set(readFileSync(path, 'utf8').split('\n').filter(Boolean)).size : 0;

function seedsIn(log: string): string {
  const seeds = [...log.matchAll(/^\s*FAIL .*\(seed (\d+)\)/gm)].map(([, seed]) => seed);
  return [...new Set(seeds)].map((seed) => ` ${String(seed)}`).join('');
}

/** What the command line asks for. */
export function seedsAsked(): Options & { seeds: boolean } {
  const { values, positionals } = parseArgs({
    options: { 'at-once': { type: 'string' }, seeds: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  return {
    seeds: values.seeds,
    faults: positionals,
    atOnce: Number(values['at-once'] ?? 2 * cpus().length),
  };
}

if (import.meta.main) process.exitCode = (await playSeeds(seedsAsked())) ? 0 : 1;
