import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { planRun } from '../../src/campaigns/audience/planning.ts';
import type { Fixed } from '../../src/campaigns/runs/runs.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';

import { afterQuiet, verdicts, type World } from './audience-reference.ts';
import { givenWorld, quietHours, worlds } from './audience-worlds.ts';

const RUNS = Number(process.env.RUNS ?? 25);

afterAll(() => pool.end());

async function planned({
  policy,
  limits,
  messageClass,
  campaignId,
  topic,
}: World & { topic: string | null }) {
  const fixed: Fixed = {
    name: 'Campaign', messageId: null, messageVersion: null, messageClass, topic, channel: 'email', policy, limits,
    trigger: { kind: 'manual' }, source: { kind: 'list' }, audience: { segmentId: randomUUID(), entity: 'person', rule: { all: [] } },
  }; // prettier-ignore
  const { rows } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed)
    values (${campaignId}, 1, ${randomUUID()}, now(), 'triggered', ${JSON.stringify(fixed)}) returning id`.execute(
    db,
  );
  const runId = rows[0]?.id ?? 0;
  const from = now().getTime();
  await planRun({ runId });
  return { runId, from, until: now().getTime() };
}

test(
  'whom a run reaches, and when, is what one finds by asking person by person',
  async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    await fc.assert(
      fc.asyncProperty(worlds, async (drawn) => {
        const world = await givenWorld(drawn);
        const { runId, from, until } = await planned(world);
        const { rows } = await sql<{
          personId: number;
          state: string;
          reason: string | null;
          dueAt: Date | null;
        }>`
        select d.person_id as "personId", d.state, d.reason, b.due_at as "dueAt"
        from deliveries d left join batches b on b.run_id = d.run_id and b.batch = d.batch where d.run_id = ${runId} order by d.person_id`.execute(
          db,
        );
        const expected = verdicts(world);
        const shown = rows.map(({ personId, reason, state }) => [personId, reason ?? state]);
        expect(shown).toEqual(
          [...expected]
            .sort(([a], [b]) => a - b)
            .map(([id, verdict]) => [id, 'reason' in verdict ? verdict.reason : 'planned']),
        );
        for (const { personId, dueAt } of rows) {
          const verdict = expected.get(personId);
          if (verdict === undefined || 'reason' in verdict || dueAt === null) continue;
          /* The clock went on a little while it was planned. */
          const slack = until - from + 60_000 + (from - world.now);
          expect(
            Math.abs(dueAt.getTime() - verdict.due),
            `due ${dueAt.toISOString()}, not ${new Date(verdict.due).toISOString()}`,
          ).toBeLessThan(slack);
        }
      }),
      { seed, numRuns: RUNS },
    );
  },
  60_000 + RUNS * 1000,
);

test('quiet hours end when the clock on the wall says so, on days on which clocks change, too', async () => {
  const somewhere = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Europe/Kiev',
  ];
  const around = fc.constantFrom(
    '2026-03-29T01:00:00Z',
    '2026-10-25T01:00:00Z',
    '2026-03-08T07:00:00Z',
    '2026-11-01T06:00:00Z',
    '2026-04-05T15:00:00Z',
  );
  const moments = fc
    .tuple(around, fc.integer({ min: -2880, max: 2880 }))
    .map(([at, minutes]) => new Date(at).getTime() + minutes * 60_000);
  await fc.assert(
    fc.asyncProperty(
      moments,
      fc.constantFrom(...somewhere),
      quietHours,
      async (at, zone, { from, until }) => {
        const { rows } = await sql<{ due: Date }>`
        select after_quiet_hours(${new Date(at)}, ${zone}, ${from}::int, ${until}::int) as due`.execute(db);
        const due = rows[0]?.due.getTime() ?? 0;
        const expected = afterQuiet(at, zone, { from, until });
        /* Of an hour that comes twice the second is waited for: nobody is woken by either. */
        expect([0, 30 * 60_000, 60 * 60_000]).toContain(due - expected);
        expect(afterQuiet(due, zone, { from, until })).toBe(due);
        if (due - expected > 0) expect(afterQuiet(expected, zone, { from, until })).toBe(expected);
      },
    ),
    { numRuns: 300 },
  );
});
