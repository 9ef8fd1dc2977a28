import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { db, sql } from './db.ts';
import { secondsSinceHeartbeat } from './heartbeats.ts';
import { log } from './log.ts';

declare module './db.ts' {
  interface Tables {
    service_states: { service: string; is_up: boolean; detail: string; changed_at: Date };
  }
}

/** One thing that Rapport leans on. */
interface Check {
  status: 'ok' | 'degraded' | 'unavailable';
  detail?: string;
}

export interface Readiness {
  status: Check['status'];
  checks: Record<string, Check>;
}

const MIGRATIONS = join(import.meta.dirname, '../migrations');
const TIMEOUT_MILLISECONDS = 2_000;
const QUIET_WORKER_SECONDS = 30;

/** What this process can do now. Without its database it can do nothing; without the rest, less. */
export async function readiness(): Promise<Readiness> {
  const database = await within(TIMEOUT_MILLISECONDS, checkMigrations());
  if (database.status !== 'ok') return { status: 'unavailable', checks: { database } };
  const checks = { database, worker: await checkWorker(), ...(await checkServices()) };
  const degraded = Object.values(checks).some((check) => check.status !== 'ok');
  return { status: degraded ? 'degraded' : 'ok', checks };
}

/** Notes whether another system answers, for /readyz and the console. Written only when that changes. */
export async function noteService(service: string, isUp: boolean, detail = ''): Promise<void> {
  await sql`
    insert into service_states as s (service, is_up, detail) values (${service}, ${isUp}, ${detail})
    on conflict (service) do update set is_up = excluded.is_up, detail = excluded.detail, changed_at = now()
    where (s.is_up, s.detail) is distinct from (excluded.is_up, excluded.detail)`.execute(db);
}

/** What a service said last, or undefined before it was first asked. */
export async function serviceState(service: string): Promise<{ isUp: boolean; detail: string } | undefined> {
  return await db
    .selectFrom('service_states')
    .select(['is_up as isUp', 'detail'])
    .where('service', '=', service)
    .executeTakeFirst();
}

async function checkMigrations(): Promise<Check> {
  const wanted = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql'));
  const { rows } = await sql<{ name: string }>`select name from migrations`.execute(db);
  const missing = wanted.filter((name) => !rows.some((row) => row.name === name));
  return missing.length === 0
    ? { status: 'ok' }
    : { status: 'unavailable', detail: `not migrated: ${missing.join(', ')}` };
}

async function checkWorker(): Promise<Check> {
  const seconds = await secondsSinceHeartbeat();
  if (seconds === undefined) return { status: 'degraded', detail: 'no worker is running' };
  if (seconds > QUIET_WORKER_SECONDS)
    return { status: 'degraded', detail: `no heartbeat for ${seconds.toFixed(0)} s` };
  return { status: 'ok' };
}

async function checkServices(): Promise<Record<string, Check>> {
  const states = await db.selectFrom('service_states').selectAll().execute();
  return Object.fromEntries(
    states.map(({ service, is_up, detail }) => [
      service,
      is_up ? { status: 'ok' } : { status: 'degraded', detail },
    ]),
  );
}

async function within(milliseconds: number, check: Promise<Check>): Promise<Check> {
  const late = new Promise<Check>((resolve) =>
    setTimeout(() => { resolve({ status: 'unavailable', detail: 'no answer in time' }); }, milliseconds).unref(),
  ); // prettier-ignore
  return await Promise.race([
    check.catch((error: unknown): Check => {
      log.warn({ err: error }, 'the database does not answer');
      return { status: 'unavailable', detail: 'the database does not answer' };
    }),
    late,
  ]);
}
