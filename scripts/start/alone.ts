import { once } from 'node:events';
import { createServer } from 'node:net';

import pg from 'pg';

/** Any number that only a running Rapport takes as its advisory lock. */
const LOCK = 7274002;
/** What was killed a moment ago may still be on its way out. */
const ATTEMPTS = 25;
const PAUSE_MILLISECONDS = 200;

/**
 * Claims the data for as long as this process lives: the end of a second start would take the database from the first.
 * @throws Error when Rapport runs on that data already.
 */
export async function claimData(databaseUrl: string, folder: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  const isClaimed = async () =>
    (await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1) as ok', [LOCK])).rows[0]?.ok ===
    true;
  if (await eventually(isClaimed)) return;
  await client.end();
  throw new Error(
    `Rapport runs already on the data in ${folder}.\nStop it first, or set DATA_DIR, PORT and SANDBOX_PORT to run another beside it.`,
  );
}

/** @throws Error that names the setting when something else listens on that port. */
export async function requireFreePort(setting: string, port: string): Promise<void> {
  if (await eventually(() => isFree(Number(port)))) return;
  throw new Error(
    `Port ${port} is in use.\nStop what listens there, or set ${setting} to another, in .env or before npm start.`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function eventually(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await isSo()) return true;
    await new Promise((wait) => setTimeout(wait, PAUSE_MILLISECONDS));
  }
  return false;
}
