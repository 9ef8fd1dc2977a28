import { needs } from '../src/setup.ts';
import { checkSetup } from '../src/platform/salesforce/checks/checks.ts';
import { translator } from '../src/platform/words.ts';

import type { Finding } from '../src/platform/salesforce/checks/checks.ts';

const t = translator('en', 'console');
const marks = { ok: '✓', warning: '!', failure: '✗' } as const;

/* `npm run salesforce:check`: the same as /console/setup, for a shell. Ends with 1 when something is wrong. */
const counts = { ok: 0, warning: 0, failure: 0 };
for await (const { area, findings } of checkSetup(needs)) {
  process.stdout.write(`\n${t(`setup.areas.${area}`)}\n`);
  for (const finding of findings) {
    counts[finding.level] += 1;
    process.stdout.write(lines(finding));
  }
}
const sums = (['failure', 'warning', 'ok'] as const).map((level) =>
  t(`setup.counts.${level}`, { count: counts[level] }),
);
process.stdout.write(`\n${sums.join(', ')}.\n`);
process.exitCode = counts.failure > 0 ? 1 : 0;
const { pool } = await import('../src/platform/db.ts');
await pool.end();

function lines({ level, key, values }: Finding): string {
  const says = `  ${marks[level]} ${t(`setup.says.${key}`, values)}\n`;
  return level === 'ok' ? says : `${says}    → ${t(`setup.fix.${key}`, values)}\n`;
}
