import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

/* Each file of tests has a process of its own: compiled code is kept between them, or importing takes a fifth of the time. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

const config = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    /* `npm run test:kafka` starts a broker for these. */
    exclude: process.env.KAFKA_BROKERS === undefined ? ['test/kafka/**'] : [],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/environment.ts'],
    pool: 'forks',
    maxWorkers: 4,
    experimental: { viteModuleRunner: false },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
