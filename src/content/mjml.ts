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
      worker.off('message', answer).off('error', fail).off('exit', exit);
      resolve(markup.html.length > MOST_CHARACTERS ? failed('the message becomes too large') : markup);
    };
    const giveUp = (reason: string) => {
      stop(worker);
      end(failed(reason));
    };
    const answer = (made: Made) => {
      if (made.id === id) end({ html: made.html, errors: made.errors });
    };
    const fail = (error: Error) => giveUp(error.message);
    const exit = () => giveUp('it needed too much memory');
    const tooLong = setTimeout(() => giveUp('it took too long'), LONGEST_MILLISECONDS);
    worker.on('message', answer).on('error', fail).on('exit', exit);
    worker.postMessage({ id, source } satisfies Asked);
  });
}

const failed = (reason: string): Markup => ({ html: '', errors: [reason] });

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
  worker.on('error', () => undefined);
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
