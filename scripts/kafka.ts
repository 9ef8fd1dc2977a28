import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { startBroker } from './kafka/broker.ts';
import { LeftOut } from './kafka/jars.ts';
import { playSeeds, seedsAsked } from './seeds.ts';

/*
 * npm run test:kafka: what campaigns promise, with events carried by a real broker instead of PostgreSQL's queue. Arguments are other
 * tests to run that way; `--seeds` has faults played as by `npm run test:seeds`. Where there can be no broker it says so, and fails nothing.
 */

const tests = [
  'test/kafka', 'test/campaigns/sending', 'test/campaigns/outcomes', 'test/campaigns/updater', 'test/tracks/tracks',
  'test/faults/campaigns',
]; // prettier-ignore

async function run(): Promise<number> {
  const since = Date.now();
  const broker = await startBroker();
  process.stdout.write(`A broker is up after ${((Date.now() - since) / 1000).toFixed(1)} s.\n`);
  const environment = { KAFKA_BROKERS: broker.address, KAFKA_PARTITIONS: '2', KAFKA_SESSION_SECONDS: '3' };
  try {
    if (process.argv.includes('--seeds')) return (await playSeeds({ ...seedsAsked(), environment })) ? 0 : 1;
    return await runTests(environment);
  } finally {
    await broker.discard();
  }
}

async function runTests(environment: Record<string, string>): Promise<number> {
  const asked = process.argv.slice(2);
  const vitest = spawn('vitest', ['run', ...(asked.length > 0 ? asked : tests)], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  process.once('SIGINT', () => vitest.kill('SIGINT'));
  const [code] = (await once(vitest, 'exit')) as [number | null];
  return code ?? 1;
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof LeftOut)) throw error;
  process.stdout.write(`LEFT OUT: the tests of Kafka did not run, since ${error.message}.\n`);
}
