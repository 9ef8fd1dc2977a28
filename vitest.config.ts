import { join } from 'node:path';

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/* Each file of tests has a process of its own: compiled code is kept between them, or importing takes a fifth of the time. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

/* What takes longest begins first, or one worker is still at it when the others have nothing left; a file's size, which counts otherwise, says little. */
const longest = [
  'faults/', 'convergence/', 'web/authorization', 'web/console/messages', 'cases/salesforce', 'scripts/start', 'web/fuzz', 'kafka/',
  'web/portal/cases-browser', 'web/public/accessibility', 'sandbox/pages/crm', 'web/console/campaign-way', 'web/console/looks',
  'web/accessibility', 'sandbox/soql/differential', 'sync/crash', 'web/console/', 'sync/',
]; // prettier-ignore

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = longest.findIndex((start) => moduleId.includes(`/test/${start}`));
  return place === -1 ? longest.length : place;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => placeOf(one) - placeOf(other));
  }
}

const config = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    /* `npm run test:kafka` starts a broker for these. */
    exclude: process.env.KAFKA_BROKERS === undefined ? ['test/kafka/**'] : [],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/environment.ts'],
    pool: 'forks',
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    experimental: { viteModuleRunner: false },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
