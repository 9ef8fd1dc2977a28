import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';

import { pool } from '../db.ts';
import { log } from '../log.ts';
import { noteService } from '../readiness.ts';

import { causesOf, createSender } from './broker.ts';
import { AT_ONCE, relaySome, type Stages, Unsent } from './relaying.ts';

/* Which worker relays: one at a time, the one that has the lock; another when it is gone. Woken by whoever records, and for what is due again. */

/** How soon what nobody woke the relay for is seen: reactions that are due again. */
const LOOK_MILLISECONDS = 500;
const PAUSE_MILLISECONDS = 1_000;
const ELECTION_MILLISECONDS = 1_000;

/** Relays until it is stopped, whenever no other worker does. */
export function createRelay(work: Stages, stopping: AbortSignal) {
  let ended: Promise<void> = Promise.resolve();
  return {
    start(): void {
      ended = standForElection(work, stopping);
    },
    async stop(): Promise<void> {
      await ended;
    },
  };
}

async function standForElection(work: Stages, stopping: AbortSignal): Promise<void> {
  const sender = createSender();
  while (!stopping.aborted) {
    try {
      await leading((client) => relayUntilStopped(client, { work, sender, stopping }));
    } catch (error) {
      log.warn({ err: error }, 'the relay to Kafka lost the database and tries again');
    }
    await unlessStopped(ELECTION_MILLISECONDS, stopping);
  }
  await sender.close();
}

interface Leader {
  work: Stages;
  sender: ReturnType<typeof createSender>;
  stopping: AbortSignal;
}

async function relayUntilStopped(client: pg.PoolClient, leader: Leader): Promise<void> {
  await client.query('listen event_relay');
  let wake = new AbortController();
  client.on('notification', () => {
    wake.abort();
  });
  while (!leader.stopping.aborted) {
    wake = new AbortController();
    const count = await relayOnce(client, leader);
    if (count < AT_ONCE)
      await unlessStopped(LOOK_MILLISECONDS, AbortSignal.any([wake.signal, leader.stopping]));
  }
}

/** A broker that does not answer is asked again after a moment; what waits, waits in the table. */
async function relayOnce(client: pg.PoolClient, { work, sender, stopping }: Leader): Promise<number> {
  try {
    const count = await relaySome(work, sender, (text, values) => client.query(text, values));
    if (count > 0) await noteService('kafka', true);
    return count;
  } catch (error) {
    if (!(error instanceof Unsent)) throw error;
    log.warn({ causes: causesOf(error.cause) }, 'Kafka does not take events; they wait');
    await noteService('kafka', false, 'Kafka does not answer: events wait in the database');
    await unlessStopped(PAUSE_MILLISECONDS, stopping);
    return AT_ONCE;
  }
}

/** Has the lock of all relays while the work runs; its connection is the lock. Does nothing while another has it. */
async function leading(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('event relay', 0)) as locked`,
    );
    if (rows[0]?.locked === true) await work(client);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.removeAllListeners('notification');
    if (broken === undefined) await client.query('unlisten *; select pg_advisory_unlock_all()').catch(awake);
    client.release(broken);
  }
}

async function unlessStopped(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopping }).catch(awake);
}

function awake(): void {
  /* Woken before the time was over. */
}
