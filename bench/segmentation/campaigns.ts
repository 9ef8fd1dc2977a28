import { randomUUID } from 'node:crypto';

import { planRun } from '../../src/campaigns/audience/planning.ts';
import { Policy } from '../../src/campaigns/definition/policy.ts';
import type { Fixed } from '../../src/campaigns/runs/runs.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import type { Rule } from '../../src/rules/rules.ts';

/* The product's part of P2: runs as activation leaves them, planned by the reaction. */

const everybody: Rule = { field: 'person.email', op: 'known' };
let turn = 0;

/**
 * Plans a run of one of the campaigns, in turn. Those whose caps count each other's messages are planned one after the other: without caps, a
 * rule's time is its own, however many are planned beside it.
 * @returns the run
 */
export async function plan(rule: Rule = everybody, { isCapped = true } = {}): Promise<number> {
  turn += 1;
  const fixed: Fixed = {
    name: 'Bench', messageId: null, messageVersion: null, messageClass: 'marketing', topic: 'product-news', channel: 'email',
    audience: { segmentId: randomUUID(), entity: 'person', rule }, source: { kind: 'list' }, policy: Policy.parse({}),
    limits: { personCap: isCapped ? { messages: 12, days: 7 } : null, accountCap: null, quietHours: { from: 21, until: 8 } }, trigger: { kind: 'manual' },
  }; // prettier-ignore
  const { rows } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed)
    select id, 1, ${randomUUID()}, now(), 'triggered', ${JSON.stringify(fixed)}
    from campaigns where name = ${`Campaign ${String(4 + (turn % 5))}`} returning id`.execute(db);
  const runId = rows[0]?.id ?? 0;
  await planRun({ runId });
  return runId;
}

/** What was planned before counts no more: the next run finds the same people as free as this one did. */
export async function forget(runId: number): Promise<void> {
  await sql`update runs set is_dry = true where id = ${runId}`.execute(db);
}

/** Conditions of all kinds, of which the planner guesses well or badly. */
export function rules(): Rule[] {
  const several: Rule[] = [
    { field: 'person.engagement', op: 'atLeast', value: 50 },
    { field: 'person.daysActive', op: 'between', value: [3, 10] },
    { field: 'account.industry', op: 'is', value: ['Retail', 'Media', 'Energy'] },
    { not: { field: 'account.industry', op: 'is', value: ['Banking'] } },
    { field: 'person.email', op: 'contains', value: '@customer1' },
    { field: 'person.name', op: 'contains', value: '7' },
    { field: 'account.employees', op: 'moreThan', value: 900 },
    { field: 'account.status', op: 'is', value: ['paying'] },
    { field: 'account.contractValue', op: 'atLeast', value: 5000 },
    { any: [{ field: 'person.engagement', op: 'atMost', value: 20 }, { field: 'person.daysActive', op: 'is', value: 5 }, { field: 'account.status', op: 'is', value: ['free'] }] },
    { all: [{ field: 'account.employees', op: 'atMost', value: 2500 }, { field: 'person.name', op: 'containsNot', value: '13' }, { field: 'account.status', op: 'is', value: ['paying', 'free'] }] },
    { field: 'account.people', with: { where: { field: 'person.engagement', op: 'atLeast', value: 90 } }, op: 'atLeast', value: 1 },
    { field: 'account.people', op: 'atLeast', value: 5 },
    { field: 'person.title', op: 'unknown' },
    { field: 'account.country', op: 'is', value: ['Germany', 'Japan', 'Brazil', 'France'] },
    { not: { field: 'account.country', op: 'unknown' } },
    { field: 'person.isContact', op: 'is', value: true },
    { field: 'person.email', op: 'startsWith', value: 'person' },
    { field: 'account.name', op: 'contains', value: '2' },
    { all: [] },
  ]; // prettier-ignore
  return several;
}

export const end = (): Promise<void> => pool.end();
