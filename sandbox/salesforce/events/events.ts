/**
 * The events of an org. Changes of selected objects are noticed by triggers in the transactions that make them (tables.ts);
 * PostgreSQL tells of each commit, and this publishes what it left: it gives replay ids, keeps the messages for replay, and wakes
 * who waits for them. Nothing is selected at first, and then nothing of this costs a save anything.
 */
import pg from 'pg';

import { createMutex } from './mutex.ts';
import { publishSome } from './publish.ts';
import { forgetOldMessages } from './replay.ts';
import { emptySelection, readSelection, setTriggers } from './selection.ts';

import type { Org } from '../context.ts';
import type { Selection } from './selection.ts';

/** What the control plane may set, for tests that can't wait for a hundred thousand changes or two minutes. */
export interface EventSettings {
  /** Changes of one transaction that are told one by one. */
  overflowAt: number;
  /** Hours that change and platform events can be replayed. */
  retentionHours: number;
  /** Clients at a time. */
  concurrentClients: number;
  /** Messages a day that may be delivered. */
  dailyEvents: number;
  /** How long a connect waits for messages, in milliseconds. */
  timeoutMs: number;
  /** Whether clients must bring their cookies back, as behind Salesforce's load balancers. */
  needsCookie: boolean;
  /** Subscriptions look alive and get nothing. */
  isSilent: boolean;
}

export const usualSettings: EventSettings = {
  overflowAt: 100_000,
  retentionHours: 72,
  concurrentClients: 2_000,
  dailyEvents: 1_000_000,
  timeoutMs: 110_000,
  needsCookie: false,
  isSilent: false,
};

/** Takes topics that got messages; returns how many clients they concern. */
type Listener = (topics: ReadonlySet<string>) => number;

/** The events of one org at work. */
export interface Events {
  settings: EventSettings;
  selection: () => Selection;
  isCapturing: () => boolean;
  /** Reads anew what is selected: after a deployment, a change of PushTopics, a reset. */
  reload: () => Promise<void>;
  /** Publishes what has been committed, now; runs `work` while nothing else publishes. */
  publish: (work?: () => Promise<void>) => Promise<void>;
  /** Wakes who waits for these topics; returns how many clients subscribe to one of them. */
  tell: (topics: ReadonlySet<string>) => number;
  /** Calls with the topics that got messages; returns how to end that. */
  onPublished: (listener: Listener) => () => void;
  /** Counts messages that were delivered to clients. */
  countDelivered: (count: number) => void;
  deliveredToday: () => number;
  /** Stops listening to the database. */
  close: () => Promise<void>;
}

/** How often messages that are too old to be replayed are cleared away. */
const CLEANING = 600_000;

/** The events of an org; nothing happens before `reload`. */
export function createEvents(databaseUrl: string, orgOf: () => Org): Events {
  const listeners = new Set<Listener>();
  const mutex = createMutex();
  const settings = { ...usualSettings };
  const delivered = { day: '', count: 0 };
  let selection = emptySelection;
  const tell: Listener = (topics) => [...listeners].reduce((sum, listener) => sum + listener(topics), 0);
  let cleanedAt = -Infinity;
  const publish = async (work?: () => Promise<void>) => {
    await mutex(async () => {
      for (;;) {
        const topics = await publishSome(orgOf(), selection, settings);
        if (topics === undefined) break;
        tell(topics);
      }
      await work?.();
      if (performance.now() - cleanedAt < CLEANING) return;
      cleanedAt = performance.now();
      await forgetOldMessages(orgOf());
    });
  };
  const ear = createEar(databaseUrl, () => publish());
  const isCapturing = () => isAnything(selection, orgOf());
  return {
    settings,
    selection: () => selection,
    isCapturing,
    async reload() {
      const { pool, catalog } = orgOf();
      selection = await readSelection(pool, catalog);
      await setTriggers(pool, catalog, selection);
      if (isCapturing()) await ear.listen();
    },
    publish,
    tell,
    onPublished(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    countDelivered(count) {
      const day = orgOf().clock.now().toISOString().slice(0, 10);
      if (delivered.day !== day) Object.assign(delivered, { day, count: 0 });
      delivered.count += count;
    },
    deliveredToday: () => delivered.count,
    close: ear.close,
  };
}

const isAnything = ({ members, topics }: Selection, { catalog }: Org): boolean =>
  members.length > 0 || topics.length > 0 || catalog.objects().some(({ name }) => name.endsWith('__e'));

/** Hears of commits with changes in them, over a connection of its own; a broken one is made anew. */
function createEar(databaseUrl: string, heard: () => Promise<void>) {
  let client: pg.Client | undefined;
  let isClosed = false;
  let isDue = false;
  let work = Promise.resolve();
  const catchUp = () => {
    if (isDue) return;
    isDue = true;
    work = work.then(async () => {
      isDue = false;
      await heard().catch(() => retry());
    });
  };
  const retry = () => {
    if (!isClosed) setTimeout(catchUp, 500).unref();
  };
  const lost = () => {
    client = undefined;
    if (!isClosed) setTimeout(() => void listen().catch(lost), 500).unref();
  };
  const listen = async () => {
    if (client || isClosed) return;
    const fresh = new pg.Client({ connectionString: databaseUrl });
    client = fresh;
    fresh.on('error', () => undefined);
    fresh.on('end', () => {
      if (client === fresh) lost();
    });
    fresh.on('notification', catchUp);
    await fresh.connect();
    await fresh.query('listen sandbox_events');
    catchUp();
  };
  const close = async () => {
    isClosed = true;
    const ending = client;
    client = undefined;
    await ending?.end().catch(() => undefined);
    await work;
  };
  return { listen, close };
}
