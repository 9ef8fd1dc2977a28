import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { now } from '../clock.ts';
import { pool } from '../db.ts';
import { log } from '../log.ts';
import { noteService } from '../readiness.ts';

import { causesOf, createSender } from './broker.ts';
import { AT_ONCE, relaySome, type Stages, Unsent } from './relaying.ts';

/*
 * Which worker relays: whoever is woken first and gets the lock, for as long as something is due. Woken by whoever records, and by a look now and
 * then for what is due again.
 */

const LOOK_MILLISECONDS = 500;
const PAUSE_MILLISECONDS = 1_000;
/** Longer than a send may take. Whoever holds the lock for longer without asking the database anything has been stopped in the middle. */
const FROZEN_SECONDS = 45;

/** Relays until it is stopped, beside other workers that do. */
export function createRelay(work: Stages, stopping: AbortSignal) {
  let ended: Promise<void> = Promise.resolve();
  return {
    start(): void {
      ended = relayUntilStopped({ work, sender: createSender(stopping), stopping });
    },
    async stop(): Promise<void> {
      await ended;
    },
  };
}

interface Relay {
  work: Stages;
  sender: ReturnType<typeof createSender>;
  stopping: AbortSignal;
}

async function relayUntilStopped(relay: Relay): Promise<void> {
  while (!relay.stopping.aborted) {
    try {
      await listening(relay);
    } catch (error) {
      log.warn({ err: error }, 'the relay to Kafka lost the database and tries again');
      await unlessStopped(PAUSE_MILLISECONDS, relay.stopping);
    }
  }
  await relay.sender.close();
}

/** Relays whenever it is woken, on one connection: it hears, it has the lock, and what was sent is crossed out on it. */
async function listening(relay: Relay): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  let wake = new AbortController();
  const hear = () => {
    wake.abort();
  };
  client.on('notification', hear);
  try {
    await client.query('listen event_relay');
    while (!relay.stopping.aborted) {
      wake = new AbortController();
      if (await isAnythingDue(client)) await relayInTurn(client, relay);
      await unlessStopped(LOOK_MILLISECONDS, AbortSignal.any([wake.signal, relay.stopping]));
    }
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('notification', hear);
    if (broken === undefined) await client.query('unlisten *').catch(awake);
    client.release(broken);
  }
}

async function isAnythingDue(client: pg.PoolClient): Promise<boolean> {
  const { rowCount } = await client.query('select from event_relay where due_at <= $1 limit 1', [now()]);
  return rowCount !== 0;
}

const LOCK = `hashtextextended('event relay', 0)`;

/** Sends all that is due, unless another worker is at it. */
async function relayInTurn(client: pg.PoolClient, relay: Relay): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${LOCK}) as locked`);
  if (rows[0]?.locked !== true) {
    await endFrozen(client);
    return;
  }
  try {
    while (!relay.stopping.aborted && (await relayOnce(client, relay)));
  } finally {
    await client.query(`select pg_advisory_unlock(${LOCK})`);
  }
}

/** @returns whether there may be more. A broker that does not answer is asked again later; what waits, waits in the table. */
async function relayOnce(client: pg.PoolClient, { work, sender, stopping }: Relay): Promise<boolean> {
  try {
    const count = await relaySome(work, sender, (text, values) => client.query(text, values));
    if (count > 0) await noteService('kafka', true);
    return count === AT_ONCE;
  } catch (error) {
    if (!(error instanceof Unsent)) throw error;
    if (stopping.aborted) return false;
    log.warn({ causes: causesOf(error.cause) }, 'Kafka does not take events; they wait');
    await noteService('kafka', false, 'Kafka does not answer: events wait in the database');
    await unlessStopped(PAUSE_MILLISECONDS, stopping);
    return false;
  }
}

/** Takes the lock from a process that was stopped while it had it. Let go on, it finds its connection gone, and what it sends then is known already. */
async function endFrozen(client: pg.PoolClient): Promise<void> {
  await client.query(
    `select pg_terminate_backend(a.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32) | l.objid::bigint = ${LOCK}
       and a.state <> 'active' and a.state_change < clock_timestamp() - make_interval(secs => $1)`,
    [FROZEN_SECONDS],
  );
}

async function unlessStopped(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopping }).catch(awake);
}

function awake(): void {
  /* Woken before the time was over. */
}
