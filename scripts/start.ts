import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Config } from '../src/platform/config.ts';

import { claimData, requireFreePort } from './start/alone.ts';
import { greeting } from './start/greeting.ts';
import { Stopped, supervise, type Program } from './start/supervise.ts';

const ROOT = join(import.meta.dirname, '..');
/** Where the embedded database and the logs live. */
const DATA = process.env.DATA_DIR ?? join(ROOT, '.data');

/**
 * Everything in one command: PostgreSQL, migrations, the sandbox with its demo org, web and worker. What is configured
 * (DATABASE_URL, SALESFORCE_LOGIN_URL, SENDGRID_API_KEY, SUNSHINE_KEY_ID) is used; the rest is played by local stand-ins.
 */
async function start(): Promise<void> {
  const { values } = parseArgs({ options: { watch: { type: 'boolean' }, only: { type: 'string' } } });
  loadSettings();
  const supervisor = supervise(join(DATA, 'logs'));
  const stopPostgres = await ensureDatabase();
  supervisor.afterwards(stopPostgres);

  const { config } = await import('../src/platform/config.ts');
  const { migrate } = await import('./migrate.ts');
  const needsSandbox = config.isSandbox || config.SENDGRID_API_KEY === undefined || isChatPlayed(config);
  if (needsSandbox) await requireFreePort('SANDBOX_PORT', String(process.env.SANDBOX_PORT));
  if (values.only !== 'sandbox') await requireFreePort('PORT', String(config.PORT));
  await migrate(config.DATABASE_URL, config.databaseTls);
  if (needsSandbox) {
    await supervisor.run(program('sandbox', 'sandbox/main.ts'));
    if (config.isSandbox)
      await (await import('./start/prepare-sandbox.ts')).prepareSandbox(config.SANDBOX_URL);
  }
  if (values.only !== 'sandbox') {
    await introduceStandIns(config);
    const flags = values.watch === true ? ['--watch', '--watch-preserve-output'] : [];
    await Promise.all([
      supervisor.run(program('web', 'src/server.ts', [...thrifty.web, ...flags])),
      supervisor.run(program('worker', 'src/worker.ts', [...thrifty.worker, ...flags])),
    ]);
    if (config.isSandbox) supervisor.afterwards(await useProduct(config));
  }
  process.stdout.write(greeting(config, { only: values.only }));
}

const isChatPlayed = ({ SUNSHINE_KEY_ID, NODE_ENV }: Config): boolean =>
  SUNSHINE_KEY_ID === undefined && NODE_ENV !== 'production';

/** Has the demo's people go on using their product. @returns how to stop them */
async function useProduct({ SANDBOX_URL, PORT }: Config): Promise<() => void> {
  const { tellProductUsage } = await import('./start/product-usage.ts');
  return tellProductUsage({ sandbox: SANDBOX_URL, product: `http://127.0.0.1:${String(PORT)}` }, DATA);
}

/** Tells those who play SendGrid and Sunshine where their events go. */
async function introduceStandIns(config: Config): Promise<void> {
  const { introduceChat, introduceWebhooks } = await import('./start/webhooks.ts');
  if (config.SENDGRID_API_KEY === undefined) await introduceWebhooks(config);
  if (isChatPlayed(config)) await introduceChat(config);
}

/**
 * As in the Procfile. Left to itself, V8 lets garbage lie: the worker's until 460 MB, of which 50 MB live at a time (234 MB then), that of
 * web until 490 MB.
 */
const thrifty = {
  web: ['--max-semi-space-size=8', '--max-old-space-size=256'],
  worker: ['--max-semi-space-size=8', '--max-old-space-size=320'],
};

const program = (name: string, file: string, flags: string[] = []): Program => ({
  name,
  args: [...flags, join(ROOT, file)],
});

/** The file `.env`, and where the sandbox is, for every process. */
function loadSettings(): void {
  if (existsSync(join(ROOT, '.env'))) process.loadEnvFile(join(ROOT, '.env'));
  process.env.SANDBOX_PORT ||= '3001';
  process.env.SANDBOX_URL ||= `http://127.0.0.1:${process.env.SANDBOX_PORT}`;
}

/** Uses DATABASE_URL, or starts the embedded server and says so to every process through DATABASE_URL. */
async function ensureDatabase(): Promise<() => void> {
  if (process.env.DATABASE_URL || process.env.NODE_ENV === 'production') return () => undefined;
  const { startPostgres } = await import('./postgres.ts');
  const server = await startPostgres({ directory: join(DATA, 'postgres') });
  await claimData(server.url(), DATA);
  process.env.DATABASE_URL = server.url();
  if (server.directory !== join(DATA, 'postgres'))
    process.stdout.write(
      `  The database lives in ${server.directory}: its account cannot reach this folder.\n`,
    );
  return server.stop;
}

try {
  await start();
} catch (error) {
  if (!(error instanceof Stopped)) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n\n`);
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  }
}
