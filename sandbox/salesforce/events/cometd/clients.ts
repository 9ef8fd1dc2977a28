import { randomBytes } from 'node:crypto';

import type { Person } from '../../auth/users.ts';
import type { Org } from '../../context.ts';
import type { Source } from '../channels.ts';

/** A subscription and how far it has been told. */
export interface Subscription {
  /** As the client wrote it: its messages carry this name. */
  name: string;
  source: Source;
  /** The replay id up to which it was told, or needs no telling. */
  cursor: number;
}

/** A client that shook hands. */
export interface Client {
  id: string;
  /** Its BAYEUX_BROWSER cookie. */
  browser: string;
  sessionId: string;
  user: Person;
  subscriptions: Map<string, Subscription>;
  /** Something was published since it was last told. */
  isDue: boolean;
  /** Ends the wait of the connect that is held; undefined when none is. */
  wake: (() => void) | undefined;
  /** Cuts the connection over which its connect waits. */
  cut: (() => void) | undefined;
  /** Whether it has connected yet: its first connect is answered at once. */
  isConnected: boolean;
  /** When its last connect was answered. */
  heardAt: number;
}

/** The clients of an org: kept in memory, as by one of Salesforce's own nodes, which forgets them when it goes. */
export interface Clients {
  add: (client: Pick<Client, 'browser' | 'sessionId' | 'user'>) => Client;
  find: (id: unknown) => Client | undefined;
  remove: (id: string) => void;
  count: () => number;
  /** Ends every wait, so that sessions are looked at again. */
  wakeAll: () => void;
  /** Forgets all, as a node that goes away; with `drop` their connections are cut. Returns how many there were. */
  forgetAll: (how?: { drop: boolean }) => number;
  close: () => void;
}

/** A client that does not come back within this time is forgotten. */
const ABSENCE = 40_000;

export function createClients(org: Org): Clients {
  const clients = new Map<string, Client>();
  const wake = (client: Client) => {
    client.isDue = true;
    client.wake?.();
  };
  const stopHearing = org.events.onPublished((topics) => {
    const concerned = [...clients.values()].filter((client) => wants(client, topics));
    concerned.forEach(wake);
    return concerned.length;
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const [id, client] of clients)
      if (!client.wake && now - client.heardAt > ABSENCE) clients.delete(id);
  }, 5_000).unref();
  const forgetAll = ({ drop } = { drop: false }) => {
    const forgotten = [...clients.values()];
    clients.clear();
    for (const client of forgotten) {
      if (drop) client.cut?.();
      wake(client);
    }
    return forgotten.length;
  };
  return {
    add(given) {
      const id = randomBytes(16).toString('hex');
      const client: Client = { ...given, id, subscriptions: new Map(), isDue: false, wake: undefined, cut: undefined, isConnected: false, heardAt: performance.now() }; // prettier-ignore
      clients.set(id, client);
      return client;
    },
    find: (id) => (typeof id === 'string' ? clients.get(id) : undefined),
    remove(id) {
      const client = clients.get(id);
      clients.delete(id);
      if (client) wake(client);
    },
    count: () => clients.size,
    wakeAll() {
      for (const client of clients.values()) wake(client);
    },
    forgetAll,
    close() {
      stopHearing();
      clearInterval(sweep);
      forgetAll();
    },
  };
}

const wants = ({ subscriptions }: Client, topics: ReadonlySet<string>): boolean =>
  [...subscriptions.values()].some(({ source }) => source.topics().some((topic) => topics.has(topic)));

/** Waits until something is published for the client, it is forgotten, it connects once more, or the time is up. */
export async function waitFor(client: Client, milliseconds: number, gone: AbortSignal): Promise<void> {
  client.wake?.();
  if (client.isDue || gone.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      gone.removeEventListener('abort', end);
      if (client.wake === end) client.wake = undefined;
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    gone.addEventListener('abort', end);
    client.wake = end;
  });
}
