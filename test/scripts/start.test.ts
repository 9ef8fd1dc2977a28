import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { freePort } from '../../scripts/postgres.ts';
import { eventually } from '../support/processes.ts';

let folder: string;
let environment: NodeJS.ProcessEnv;
let portal: string;
let sandbox: string;
let started: ChildProcess;

beforeAll(async () => {
  folder = await mkdtemp('/tmp/rapport-start-');
  await chmod(folder, 0o755);
  const [port, sandboxPort] = [await freePort(), await freePort()];
  portal = `http://localhost:${String(port)}`;
  sandbox = `http://127.0.0.1:${String(sandboxPort)}`;
  environment = {
    ...process.env,
    DATABASE_URL: '',
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    DATA_DIR: folder,
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    SANDBOX_URL: sandbox,
    DEMO_ACCOUNTS: '20',
  };
});
afterAll(async () => {
  if (started.exitCode === null) {
    started.kill('SIGTERM');
    await once(started, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

/** Starts everything and resolves to what it greets with. */
async function start(): Promise<string> {
  started = spawn(process.execPath, ['scripts/start.ts'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [started.stdout, started.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(
    () => Promise.resolve(output),
    (text) => {
      if (started.exitCode !== null) throw new Error(text);
      return text.includes('is ready');
    },
    90,
  );
  return output;
}

const text = async (url: string) => await (await fetch(url)).text();

const readiness = async () => ((await (await fetch(`${portal}/readyz`)).json()) as { status: string }).status;

/** Every process below the supervisor, and the database that outlives it. */
async function killEverything(): Promise<void> {
  const postmaster = Number(
    (await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0],
  );
  const ended = once(started, 'exit');
  process.kill(-(started.pid ?? 0), 'SIGKILL');
  process.kill(postmaster, 'SIGKILL');
  await ended;
}

test('npm start brings up a usable portal and sandbox, and says where they are and who can sign in', async () => {
  const greeting = await start();
  expect(greeting).toContain(portal);
  expect(greeting).toContain('rapport-demo');
  expect(greeting).toContain('simulated');
  expect(await text(`${portal}/sign-in`)).toContain('<form');
  expect(await text(`${sandbox}/services/data`)).toContain('/services/data/v62.0');
  await eventually(readiness, (status) => status === 'ok', 30);
});

/** What a start that fails says, and its code. */
async function failedStart(settings: NodeJS.ProcessEnv): Promise<{ code: number | null; says: string }> {
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    env: { ...environment, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let says = '';
  child.stderr.on('data', (chunk: Buffer) => (says += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, says };
}

test('a second start on the same data says so and leaves the first alone', async () => {
  const [port, sandboxPort] = [String(await freePort()), String(await freePort())];
  const { code, says } = await failedStart({ PORT: port, SANDBOX_PORT: sandboxPort, SANDBOX_URL: '' });
  expect(code).toBe(1);
  expect(says).toContain(`Rapport runs already on the data in ${folder}`);
  expect(await readiness()).toBe('ok');
});

test('a port in use and a database that does not answer are said in a line, not in a stack', async () => {
  const elsewhere = { DATABASE_URL: `postgres://nobody@127.0.0.1:${String(await freePort())}/none` };
  const used = await failedStart(elsewhere);
  expect(used).toEqual({ code: 1, says: expect.stringMatching(/Port \d+ is in use/) as string });
  expect(used.says).not.toContain('    at ');
  const [port, sandboxPort] = [String(await freePort()), String(await freePort())];
  const away = await failedStart({ ...elsewhere, PORT: port, SANDBOX_PORT: sandboxPort, SANDBOX_URL: '' });
  expect(away).toMatchObject({ code: 1 });
  expect(away.says).toMatch(/database of DATABASE_URL does not answer: .*ECONNREFUSED/);
});

test('after kill -9 of every process, the next start finds the same data and does not seed again', async () => {
  await killEverything();
  const greeting = await start();
  expect(greeting).not.toContain('Preparing');
  expect(await text(`${portal}/sign-in`)).toContain('<form');
  await eventually(readiness, (status) => status === 'ok', 60);
});

test('SIGTERM ends every process in order', async () => {
  const ended = once(started, 'exit');
  started.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  await expect(fetch(portal)).rejects.toThrow();
  await expect(fetch(sandbox)).rejects.toThrow();
});
