import { Worker } from 'node:worker_threads';

import type { Asked, Made } from './mjml-worker.ts';

const LONGEST_MILLISECONDS = 10_000;
const IDLE_MILLISECONDS = 60_000;
const MOST_MEGABYTES = 256;
const MOST_CHARACTERS = 1_500_000;

interface Working {
  worker: Worker;
  idle: NodeJS.Timeout;
}

let working: Working | undefined;
let queue: Promise<unknown> = Promise.resolve();
let lastId = 0;

export interface Markup {
  html: string;
  /** What MJML had to object to; without html, why there is none. */
  errors: string[];
}

/** Makes HTML of MJML, one source after the other: in a thread with bounded time and memory, that ends when it is idle. */
export async function htmlOf(source: string): Promise<Markup> {
  const turn = queue.then(() => ask(source));
  queue = turn;
  return await turn;
}

function ask(source: string): Promise<Markup> {
  const { worker } = awake();
  const id = ++lastId;
  return new Promise((resolve) => {
    const end = (markup: Markup) => {
      clearTimeout(tooLong);
      worker.removeAllListeners();
      worker.on('error', () => undefined);
      resolve(
        markup.html.length > MOST_CHARACTERS
          ? { html: '', errors: ['the message becomes too large'] }
          : markup,
      );
    };
    const giveUp = (reason: string) => {
      stop(worker);
      end({ html: '', errors: [reason] });
    };
    const tooLong = setTimeout(() => giveUp('it took too long'), LONGEST_MILLISECONDS);
    worker.on('message', (made: Made) => {
      if (made.id === id) end({ html: made.html, errors: made.errors });
    });
    worker.on('error', (error: Error) => giveUp(error.message));
    worker.on('exit', () => giveUp('it needed too much memory'));
    worker.postMessage({ id, source } satisfies Asked);
  });
}

function awake(): Working {
  if (working !== undefined) clearTimeout(working.idle);
  const worker = working?.worker ?? newWorker();
  const idle = setTimeout(() => stop(worker), IDLE_MILLISECONDS + LONGEST_MILLISECONDS).unref();
  working = { worker, idle };
  return working;
}

function newWorker(): Worker {
  const worker = new Worker(new URL('./mjml-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES, stackSizeMb: 4 },
    env: {},
  });
  worker.unref();
  return worker;
}

function stop(worker: Worker): void {
  if (working?.worker === worker) {
    clearTimeout(working.idle);
    working = undefined;
  }
  void worker.terminate();
}
