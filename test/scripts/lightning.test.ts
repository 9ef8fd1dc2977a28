import { spawnSync } from 'node:child_process';

import { expect, test } from 'vitest';

/** Salesforce's own runner, as a developer of components has it: `npm run test:salesforce`. */
test('the components for Salesforce’s pages pass their own tests', () => {
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'test:salesforce', '--', '--', '--no-watchman'], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/Tests:\s+(\d{2,}|[89]) passed/);
}, 60_000); // prettier-ignore
