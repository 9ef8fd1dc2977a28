import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';

import type { Socket } from 'node:net';
import type { Pool, PoolClient } from 'pg';

type Callback = (error: Error) => void;

/** The end of a process as its database sees it: from one statement on, nothing comes from it any more. */
export interface Interruption {
  /** Lets so many statements through, then cuts every connection; `answered` says whether the last one's answer is still heard. */
  after: (statements: number, answered: boolean) => void;
  /** Whether it has come. */
  hasCome: () => boolean;
  /** A process that starts anew has its connections again. */
  end: () => Promise<void>;
}

/** Watches all that the product's pool sends. */
export function interruptionOf(pool: Pool): Interruption {
  const watched = new Set<PoolClient>();
  let closing: Promise<void>[] = [];
  let left = Infinity;
  let isLastHeard = true;
  let isDead = false;
  const die = () => {
    isDead = true;
    closing.push(...[...watched].map(sever));
    watched.clear();
  };
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const send = client.query.bind(client) as (...given: unknown[]) => unknown;
    const query = (...given: unknown[]): unknown => {
      if (isDead) {
        closing.push(sever(client));
        return refuse(given);
      }
      left -= 1;
      if (left > 0) return send(...given);
      const sent = isLastHeard ? undefined : settled(send(...given));
      if (sent === undefined) {
        die();
        return refuse(given);
      }
      return sent.then(() => {
        die();
        throw lost();
      });
    };
    Object.assign(client, { query });
  });
  return {
    after(statements, answered) {
      left = statements;
      isLastHeard = answered;
    },
    hasCome: () => isDead,
    async end() {
      left = Infinity;
      await Promise.all(closing);
      closing = [];
      isDead = false;
    },
  };
}

const lost = () => new Error('Connection terminated unexpectedly');

const settled = async (answer: unknown): Promise<void> => {
  await Promise.resolve(answer).catch(() => undefined);
};

function refuse(given: unknown[]): unknown {
  const last = given.at(-1);
  if (typeof last !== 'function') return Promise.reject(lost());
  (last as Callback)(lost());
  return undefined;
}

/** The socket goes, and with it locks, transactions and the session; then the pool forgets the connection. */
async function sever(client: PoolClient): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const closed = stream.closed ? Promise.resolve() : once(stream, 'close');
  stream.destroy();
  await closed;
  await immediate();
  await immediate();
}
