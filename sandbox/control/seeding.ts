import { keepState, maybeState } from '../salesforce/auth/state.ts';

import type { Org } from '../salesforce/context.ts';

/** How far a seeding is; `done` of `accounts` accounts are in. */
export interface SeedingProgress {
  /** `interrupted`: the process that was at it is gone. */
  state: 'idle' | 'running' | 'interrupted' | 'done' | 'failed';
  accounts: number;
  done: number;
  seconds: number;
  message?: string;
}

/** Fills an org with the demo's data, telling after each piece how many accounts are in. */
export type SeedOrg = (
  org: Org,
  options: { accounts: number; onProgress: (done: number) => void },
) => Promise<unknown>;

const IDLE: SeedingProgress = { state: 'idle', accounts: 0, done: 0, seconds: 0 };

/** Runs one seeding at a time and knows how far it is, also after a restart. */
export function createSeeding(org: Org, seedOrg: SeedOrg) {
  let progress = IDLE;
  let running: Promise<SeedingProgress> | undefined;

  const run = async (accounts: number): Promise<SeedingProgress> => {
    const started = performance.now();
    const report = (change: Partial<SeedingProgress>) => {
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      progress = { ...progress, ...change, seconds };
    };
    progress = { ...IDLE, state: 'running', accounts };
    await keepState(org.pool, 'seeding', progress);
    try {
      await seedOrg(org, { accounts, onProgress: (done) => { report({ done }); } }); // prettier-ignore
      report({ state: 'done', done: accounts });
    } catch (error) {
      report({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      await keepState(org.pool, 'seeding', progress);
    }
    return progress;
  };
  return {
    async progress(): Promise<SeedingProgress> {
      if (running) return progress;
      const kept = ((await maybeState(org.pool, 'seeding')) ?? IDLE) as SeedingProgress;
      return kept.state === 'running' ? { ...kept, state: 'interrupted' } : kept;
    },
    /** A second call while one runs waits for that one. @throws what the seeding threw. */
    seed(accounts: number): Promise<SeedingProgress> {
      running ??= run(accounts).finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}
