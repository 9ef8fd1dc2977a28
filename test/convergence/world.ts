import { randomUUID } from 'node:crypto';

import { createRecords } from '../../sandbox/salesforce/records/save.ts';
import { maybeActiveUser } from '../../sandbox/salesforce/context.ts';
import { firstIds } from '../../sandbox/salesforce/schema/first-rows.ts';
import { contextOfAdmin } from '../sandbox/records/admin.ts';
import { startSalesforce } from '../support/salesforce.ts';

import { createHistory } from './history.ts';
import { interruptionOf } from './interruption.ts';

import type { Context } from '../../sandbox/salesforce/context.ts';
import type { InputRow } from '../../sandbox/salesforce/records/work.ts';

/** What the test follows of the mirror: enough for every rule of the sync, few enough for a thousand runs. */
const followed = new Set([
  'User', 'Account', 'Contact', 'AccountContactRelation', 'Case', 'CaseComment', 'CaseHistory', 'Opportunity',
]); // prettier-ignore

export type World = Awaited<ReturnType<typeof createWorld>>;

/** What people did in the product, by our ids: each must be in Salesforce once, or stand where staff see it. */
export interface Acts {
  cases: Map<string, { subject: string }>;
  comments: Map<string, { caseId: string; mark: string }>;
  /** The statuses that people gave a case here, in order. */
  statuses: Map<string, string[]>;
  /** Health score last written for an account. */
  scores: Map<string, number>;
  insights: Map<string, { accountId: string }>;
  /** The titles that people gave a contact here, in order. */
  titles: Map<string, string[]>;
}

const noActs = (): Acts => ({
  cases: new Map(),
  comments: new Map(),
  statuses: new Map(),
  scores: new Map(),
  insights: new Map(),
  titles: new Map(),
});

/** An org, a mirror of it, people on both sides, and the means to make it all fail. Made once, emptied for each run. */
export async function createWorld() {
  const { sandbox, exchange, control } = await startSalesforce();
  const { db, sql, pool, transaction } = await import('../../src/platform/db.ts');
  const { createSync } = await import('../../src/platform/salesforce/runner.ts');
  const budget = await import('../../src/platform/salesforce/budget/budget.ts');
  const { forgetSession } = await import('../../src/platform/salesforce/wire/renewal.ts');
  const { watchBudget } = await import('../../src/platform/salesforce/budget/budget-watch.ts');
  const mappings = exchange.mappings.filter(({ sobject }) => followed.has(sobject));
  const { org } = sandbox;
  const rep = await repOf(await contextOfAdmin(org));
  const history = await createHistory(org.pool);
  const emptying = await emptyingOf(org.pool);
  const newProcess = () => {
    forgetSession();
    budget.forgetBudget();
    return createSync({ ...exchange, mappings });
  };
  const world = {
    sandbox, org, rep, control, mappings, exchange, db, sql, pool, transaction, history, newProcess, watchBudget,
    interruption: interruptionOf(pool),
    sync: newProcess(),
    acts: noActs(),
    personId: randomUUID() as string,
    /** Why Salesforce refused or did not answer, each time. */
    failures: [] as string[],
    /** Whether something happened of which only the nightly comparison can know. */
    hasGaps: false,
    /** Whether a whole worker was at it, which reckons health by itself. */
    hadWorker: false,
    /** Whether steps may take seconds. */
    hasTime: Number(process.env.RUNS ?? 0) > 100,
    /** Milliseconds that the org's clock is before the machine's. */
    clock: 0,
    /** Counts what is typed, so that no value is typed twice. */
    typed: 0,
    async moveClock(milliseconds: number): Promise<void> {
      world.clock += milliseconds;
      org.clock.setOffset(world.clock);
      const passed = sql`make_interval(secs => ${milliseconds / 1000})`;
      await sql`update outbox set next_attempt_at = next_attempt_at - ${passed}`.execute(db);
      await sql`update api_budget set probe_at = probe_at - ${passed}`.execute(db);
      await sql`update budget_features set shed_since = shed_since - ${passed}`.execute(db);
      budget.forgetBudget();
    },
    async clearFaults(): Promise<void> {
      await fetch(`${sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
      org.limits.dailyUsed = 0;
      budget.forgetBudget();
    },
    /** An empty org and an empty mirror, whose clocks are that far apart. */
    async begin(clock: number): Promise<void> {
      await world.interruption.end();
      await world.clearFaults();
      await org.pool.query(emptying);
      await sql`update api_budget set exhausted_since = null, probe_at = null, probes = 0, used = null, max = null`.execute(db);
      await sql`update budget_features set shed_since = null, shed_reason = null, hourly_ceiling = null`.execute(db);
      Object.assign(world, { acts: noActs(), failures: [], hasGaps: false, hadWorker: false, personId: randomUUID(), clock, typed: 0, sync: newProcess() });
      org.clock.setOffset(clock);
    },
  }; // prettier-ignore
  return world;
}

/** Somebody else than the integration's user, with every right. */
async function repOf(admin: Context): Promise<Context> {
  const row: InputRow = {
    Username: 'rep@convergence.example', LastName: 'Vance', FirstName: 'Jordan', Email: 'rep@convergence.example',
    Alias: 'jvance', ProfileId: firstIds.adminProfile, TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US', EmailEncodingKey: 'UTF-8',
  }; // prettier-ignore
  const [result] = await createRecords(admin, 'User', [row]);
  const user = await maybeActiveUser(admin.org, result?.id ?? '');
  if (!user) throw new Error(`no rep: ${JSON.stringify(result?.errors)}`);
  return { ...admin, user };
}

/** What empties everything that was empty before the first run, in one go. */
async function emptyingOf(pool: World['org']['pool']): Promise<string> {
  const { rows } = await pool.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'sandbox') or schemaname = 'graphile_worker' and tablename like '%jobs'`,
  );
  const empty: string[] = [];
  for (const { name } of rows as { name: string }[]) {
    const { rowCount } = await pool.query(`select from ${name} limit 1`);
    if (rowCount === 0 || name.endsWith('_log') || name.endsWith('_jobs')) empty.push(name);
  }
  return `set session_replication_role = replica; ${empty.map((name) => `delete from ${name}`).join('; ')};
          reset session_replication_role`;
}
