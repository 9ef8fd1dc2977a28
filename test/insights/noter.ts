/** A worker that holds accounts against milestones whenever it is told to, for tests that kill it. */
const { noteMilestones } = await import('../../src/insights/milestones.ts');

process.on('message', () => {
  noteMilestones().then(
    () => process.send?.('done'),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
