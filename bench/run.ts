import { parseArgs } from 'node:util';

import type { Benchmark } from './harness.ts';

/** Every benchmark by its name in the goals, loaded only when it is asked for. */
const benchmarks: Record<string, () => Promise<Benchmark>> = {
  P1: async () => (await import('./campaigns.ts')).campaigns,
  P2: async () => (await import('./segmentation.ts')).segmentation,
  P3: async () => (await import('./merging.ts')).merging,
  P4: async () => (await import('./email-adapter.ts')).emailAdapter,
  P5: async () => (await import('./chat-adapter.ts')).chatAdapter,
  P6: async () => (await import('./webhooks.ts')).webhooks,
  P7: async () => (await import('./usage-ingestion.ts')).usageIngestion,
  P8: async () => (await import('./health-recompute.ts')).healthRecompute,
  P9: async () => (await import('./initial-load.ts')).initialLoad,
  P10: async () => (await import('./change-visible.ts')).changeVisible,
  TRACKS: async () => (await import('./tracks.ts')).tracks,
  SEGMENTS: async () => (await import('./segments.ts')).segments,
  PAGES: async () => (await import('./console-pages.ts')).consolePages,
  P13: async () => (await import('./portal-burst.ts')).portalBurst,
  P14: async () => (await import('./campaigns.ts')).campaignMemory,
  P15: async () => (await import('./campaigns.ts')).campaignWrites,
  P12: async () => (await import('./portal-page.ts')).portalPage,
  SOAK: async () => (await import('./soak.ts')).soak,
};

/**
 * `npm run bench`: all of them; `npm run bench -- P12`: one; `--full`: absolute figures at full size. Each prints one JSON
 * line, and last its figure.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { full: { type: 'boolean' } } });
const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
let isMet = true;
for (const name of names) {
  const load = benchmarks[name.toUpperCase()];
  if (!load)
    throw new Error(`There is no benchmark ${name}; there are ${Object.keys(benchmarks).join(', ')}.`);
  const { run, must } = await load();
  const result = await run({ isFull: values.full === true });
  const met = must(result);
  isMet &&= met;
  process.stdout.write(`${JSON.stringify({ name, met, ...result })}\n${String(result.figure)}\n`);
}
process.exit(isMet ? 0 : 1);
