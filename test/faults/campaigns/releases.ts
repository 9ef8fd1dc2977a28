import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { migrate } from '../../../scripts/migrate.ts';
import type { Random } from '../../support/seeds.ts';

const { db, sql } = await import('../../../src/platform/db.ts');

/*
 * The migration of a release that nobody has written yet: additions as releases have made them, to the tables on which campaigns and pages work,
 * by the migrator that every deploy runs. What it added is taken away again, for the next seed.
 */
export interface Release {
  /** What it adds, in words. */
  adds: string;
  /** Brings the database up to it, as a deploy does before it starts anything. */
  migrate: () => Promise<string[]>;
  /** As if it had never been. */
  takeBack: () => Promise<void>;
}

/** Something of that name: parts of a migration, since each holds one table at a time (test/scripts/migration-locks.test.ts). */
interface Addition {
  parts: readonly string[];
  takeAway: string;
}

const hot = [
  'batches', 'deliveries', 'runs', 'hook_inbox', 'run_statistics', 'delivery_events', 'channel_states', 'campaigns', 'events', 'outbox',
  'account_people', 'told_deliveries', 'worker_heartbeats', 'event_relay', 'event_inbox', 'accounts', 'people', 'health',
] as const; // prettier-ignore

const indexed = [
  `batches (run_id) where state = 'ready'`, 'deliveries (account_id, run_id)', 'runs (triggered_at)', 'hook_inbox (received_at)',
  'delivery_events (kind, run_id)', 'account_people (name)', 'events (name)', 'outbox (sobject)',
] as const; // prettier-ignore

/** What migrations have added so far to tables that were in use (0029, 0032, 0035, 0036, 0039, 0040, 0041). */
const kinds: Record<string, (name: string, random: Random) => Addition | Promise<Addition>> = {
  'a column with a default': (name, random) =>
    columns(random.pick(hot), [`${name} boolean not null default false`]),
  'a column': (name, random) => columns(random.pick(hot), [`${name} jsonb`]),
  'columns of lists': (name, random) => columns(random.pick(hot), [`${name} text[]`, `${name}_2 bigint[]`]),
  'a state': (name, random) => state(name, random.pick(['batches', 'deliveries', 'runs'])),
  'an index': (name, random) => ({
    parts: [`create index concurrently if not exists ${name} on ${random.pick(indexed)}`],
    takeAway: `drop index ${name}`,
  }),
  'a table': (name, random) => ({
    parts: [
      `create table ${name} (${random.pick(['run_id bigint references runs', 'campaign_id uuid references campaigns'])} on delete cascade, said text);
      create index on ${name} (said)`,
    ],
    takeAway: `drop table ${name}`,
  }),
  'a trigger': (name, random) => trigger(name, random.pick(hot)),
};

function columns(table: string, added: readonly string[]): Addition {
  const names = added.map((column) => column.split(' ')[0] ?? '');
  return {
    parts: [`alter table ${table} ${added.map((column) => `add column ${column}`).join(', ')}`],
    takeAway: `alter table ${table} ${names.map((name) => `drop column ${name}`).join(', ')}`,
  };
}

async function state(name: string, table: string): Promise<Addition> {
  const check = `${table}_state_check`;
  const { rows } = await sql<{ condition: string }>`
    select pg_get_expr(conbin, conrelid) as condition from pg_constraint where conname = ${check}`.execute(
    db,
  );
  const [{ condition } = { condition: '' }] = rows;
  const replaced = (by: string) =>
    `alter table ${table} drop constraint ${check}, add constraint ${check} check (${by})`;
  return {
    parts: [
      `${replaced(`${condition} or state = '${name}'`)} not valid`,
      `alter table ${table} validate constraint ${check}`,
    ],
    takeAway: replaced(condition),
  };
}

const trigger = (name: string, table: string): Addition => ({
  parts: [
    `create function ${name}() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger ${name} after insert or update on ${table} for each statement execute function ${name}()`,
  ],
  takeAway: `drop trigger ${name} on ${table}; drop function ${name}()`,
});

/** The seed says what it adds: each kind comes by turns, with two more. */
export async function nextRelease(random: Random, seed: number): Promise<Release> {
  const all = Object.keys(kinds);
  const chosen = [all[seed % all.length] ?? '', random.pick(all), random.pick(all)];
  const additions: Addition[] = [];
  for (const [place, kind] of chosen.entries()) {
    const addition = await kinds[kind]?.(`next_${String(seed)}_${String(place)}`, random);
    if (addition !== undefined) additions.push(addition);
  }
  const migration = additions
    .flatMap(({ parts }) => parts)
    .map((part) => `${part};\n`)
    .join('-- commit;\n');
  const folder = await mkdtemp(join(tmpdir(), 'rapport-release-'));
  const name = `9000-next-${String(seed)}.sql`;
  await writeFile(join(folder, name), migration);
  return {
    adds: migration,
    migrate: () => migrate(process.env.DATABASE_URL ?? '', false, folder),
    async takeBack() {
      for (const { takeAway } of additions.toReversed()) await sql.raw(takeAway).execute(db);
      await sql`delete from migrations where name like ${`${name}%`}`.execute(db);
      await rm(folder, { recursive: true });
    },
  };
}
