import { proveRun } from '../src/campaigns/runs/proof.ts';
import { pool } from '../src/platform/db.ts';
import { NotFound } from '../src/platform/errors.ts';

/* `npm run prove -- RUN`: holds the ledger of a run against its batches, its counters and the provider's events. Exit code 1: they do not agree. */
const runId = Number(process.argv[2]);
if (!Number.isSafeInteger(runId) || runId < 1) {
  process.stderr.write('Usage: npm run prove -- 42\n');
  process.exit(2);
}
const proof = await proveRun(runId).catch((error: unknown) => {
  if (!(error instanceof NotFound)) throw error;
  process.stderr.write(`There is no run ${String(runId)}.\n`);
  process.exit(2);
});
await pool.end();

const line = (label: string, value: string | number) =>
  process.stdout.write(`${label.padEnd(22)}${String(value)}\n`);
const listed = (counts: Record<string, number>) =>
  Object.entries(counts).map(([name, count]) => `${name} ${String(count)}`).join(', ') || '–'; // prettier-ignore

line('Run', `${String(proof.runId)} of “${proof.campaign}”, ${proof.state}`);
line('People', proof.people);
line('  sent', proof.sent);
line('  skipped', `${String(proof.skipped)} (${listed(proof.skippedBy)})`);
line('  failed', `${String(proof.failed)} (${listed(proof.failedBy)})`);
line('  in doubt', proof.doubt);
line('  still to go', proof.planned);
line('Batches', listed(proof.batches));
line('Events, by message', listed(proof.events));
line('Heard of', `${String(proof.heard)} of ${String(proof.sent)} sent`);
line(
  'Ledger',
  proof.ledgerHash === null
    ? 'not sealed yet'
    : `${proof.ledgerHash} (${proof.isHashRight === true ? 'as sealed' : 'CHANGED'})`,
);
for (const { code, count } of proof.problems) line('Problem', `${code}: ${String(count)}`);
process.stdout.write(proof.problems.length === 0 ? 'Everything agrees.\n' : 'This does not agree.\n');
process.exitCode = proof.problems.length === 0 ? 0 : 1;
