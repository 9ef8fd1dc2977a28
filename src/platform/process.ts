import { setPriority } from 'node:os';

import { config } from './config.ts';
import { isDatabaseTrouble } from './db.ts';
import { log } from './log.ts';

/** How long a process may take to finish what it has in hand; Heroku kills it at 30 s. */
const DRAIN_MILLISECONDS = 20_000;

/**
 * Lets processes that answer people go first where they share a machine with this one. Work that was put off waits for the database and for other
 * systems most of the time, and is done hardly later for it.
 */
export function giveWayToPages(): void {
  setPriority(config.WORKER_NICENESS);
}

/**
 * Ends the process in order on SIGTERM or SIGINT, or when its supervisor is gone: what is in hand is finished, nothing new is taken. A bug that
 * nobody caught ends it in the same way, with code 1, so that the supervisor starts a clean one.
 */
export function stopOnSignal(name: string, drain: () => Promise<void>): void {
  let stopping = false;
  const stop = (reason: string, code: number) => {
    if (stopping) return;
    stopping = true;
    log.info({ process: name, reason }, 'stopping');
    setTimeout(() => process.exit(code || 1), DRAIN_MILLISECONDS).unref();
    drain().then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ process: name, err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      stop(signal, 0);
    });
  process.on('disconnect', () => {
    stop('the supervisor is gone', 0);
  });
  const onBug = (error: unknown) => {
    if (isDatabaseTrouble(error)) {
      log.error({ process: name, err: error }, 'a lost database connection was nobody’s to catch');
      return;
    }
    log.fatal({ process: name, err: error }, 'uncaught');
    stop('a bug', 1);
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
}
