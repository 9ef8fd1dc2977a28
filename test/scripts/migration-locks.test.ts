import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

/* F25 and F14: what may be done to tables that hold millions of rows, while people and workers of the release before work. */

const FOLDER = 'src/migrations';

/** Those that a large customer fills before any later migration comes. */
const large = new Set(
  `accounts contacts account_contact_relations opportunities opportunity_lines licenses cases case_comments case_emails
   case_changes file_versions file_links users people outbox mirror_changes events case_acts case_notices uploads upload_chunks
   health health_history health_readings insights leads salesforce_tasks salesforce_events assets contracts
   salesforce_campaign_members salesforce_records`.split(/\s+/),
);

/** Those of campaigns and of usage, which were filled before these migrations came. */
const LARGE_SINCE = '0042';
const largeSince = new Set(
  `account_people account_engagement deliveries batches runs delivery_events told_deliveries told_accounts chat_messages chat_events in_app_messages
   goal_conversions consents consent_states suppressed_addresses tracked_links track_people track_path track_tasks usage_days
   usage_person_days usage_account_days usage_members usage_people usage_accounts signals alerts segment_members segment_changes`.split(
    /\s+/,
  ),
);

/** What a statement does that keeps others from a large table for as long as it has rows; undefined when nothing. */
function dangerOf(statement: string, migration = LARGE_SINCE): string | undefined {
  const text = statement.replaceAll(/\s+/g, ' ').trim().toLowerCase();
  const [, table = ''] =
    /^(?:alter table (?:if exists )?(?:only )?|update |delete from |truncate (?:table )?|cluster |vacuum full |lock table |create (?:unique )?index .*? on )(?:only )?"?(\w+)/.exec(
      text,
    ) ?? [];
  if (!large.has(table) && !(migration >= LARGE_SINCE && largeSince.has(table))) return undefined;
  return dangers.find(({ of }) => of.test(text))?.says;
}

const dangers: { of: RegExp; says: string }[] = [
  { of: /^create (unique )?index (?!concurrently)/, says: 'builds an index while nobody may write' },
  { of: /^(update|delete from)\b/, says: 'rewrites rows: do it in batches, by a job' },
  { of: /^(truncate|cluster|vacuum full|lock table)\b/, says: 'keeps everybody out' },
  { of: /\balter (column )?\w+ (set data )?type\b/, says: 'rewrites the table' },
  {
    of: /\balter (column )?\w+ set not null\b/,
    says: 'reads the whole table: add a check that is not valid first',
  },
  { of: /\bset (unlogged|logged|tablespace|access method)\b/, says: 'rewrites the table' },
  {
    of: /\badd (constraint \w+ )?(primary key|unique|exclude)\b(?!.*using index)/,
    says: 'builds an index under the strongest lock',
  },
  {
    of: /\badd (constraint \w+ )?(check|foreign key)\b(?!.*\bnot valid\b)/,
    says: 'reads the whole table: say not valid, and validate in a part of its own',
  },
  {
    of: /\badd column\b.*\b(generated|serial|bigserial|primary key|unique|references|gen_random_uuid|clock_timestamp|random|nextval)\b/,
    says: 'rewrites or checks every row',
  },
];

const statementsOf = (sql: string): string[] =>
  sql
    .replaceAll(/--.*$/gm, '')
    .split(/;\s*$/m)
    .filter((statement) => statement.trim() !== '');

const later = readdirSync(FOLDER).filter((name) => name.endsWith('.sql') && name > '0007');

describe('F25: migrations that meet a full database', () => {
  test.each(later)('%s keeps nobody from a large table', (name) => {
    const created = new Set<string>();
    const found = statementsOf(readFileSync(`${FOLDER}/${name}`, 'utf8')).flatMap((statement) => {
      const [, table] = /create (?:unlogged )?table (?:if not exists )?(\w+)/i.exec(statement) ?? [];
      if (table !== undefined) created.add(table);
      const isOfNew = [...created].some((one) => new RegExp(`\\bon ${one}\\b`).test(statement));
      const danger = isOfNew ? undefined : dangerOf(statement, name);
      return danger === undefined ? [] : [`${statement.trim().slice(0, 80)}: ${danger}`];
    });
    expect(found).toEqual([]);
  });

  test.each(later)('%s begins an index that is built concurrently with nothing else in its part', (name) => {
    for (const part of readFileSync(`${FOLDER}/${name}`, 'utf8').split(/^-- commit;$/m)) {
      const statements = statementsOf(part);
      const concurrent = statements.filter((one) => /\bconcurrently\b/i.test(one));
      if (concurrent.length > 0) expect(concurrent).toEqual(statements);
      for (const one of concurrent)
        expect(one).toMatch(/create (unique )?index concurrently if not exists \w+/i);
    }
  });

  test.each([
    'create index slow on accounts (name)',
    'create unique index if not exists slow on cases (number)',
    'alter table outbox add constraint c check (attempts >= 0)',
    'alter table outbox add check (attempts >= 0)',
    'alter table cases add constraint f foreign key (account_id) references accounts (id)',
    'alter table cases add constraint u unique (number)',
    'alter table contacts alter column email type varchar(80)',
    'alter table contacts alter email set not null',
    'alter table accounts add column key uuid not null default gen_random_uuid()',
    'alter table accounts add column lower_name text generated always as (lower(name)) stored',
    'alter table accounts add column if not exists serial bigserial',
    'update accounts set name = trim(name)',
    'delete from mirror_changes',
    'truncate outbox',
    'vacuum full cases',
    'create index slow on deliveries (address)',
    'alter table delivery_events alter column event_id type text collate "C"',
  ])('refuses: %s', (statement) => {
    expect(dangerOf(statement)).toBeDefined();
  });

  test.each([
    'create index concurrently if not exists quick on accounts (name)',
    'create index on setup_checks (started_at)',
    'alter table outbox add constraint c check (attempts >= 0) not valid',
    'alter table outbox validate constraint c',
    'alter table accounts add column if not exists seen boolean not null default false',
    'alter table accounts add column note text',
    'alter table outbox drop constraint if exists c',
  ])('lets pass: %s', (statement) => {
    expect(dangerOf(statement)).toBeUndefined();
  });
});

/*
 * F14: a migration is there before the last process of the release before has ended. What that release reads and writes is still there, and its
 * rows are still taken. What nobody asks for any more goes a release later, in a migration that says so: `-- Unasked for since 0050.`
 */
const takings: { of: RegExp; says: string }[] = [
  { of: /^drop (table|view|function|sequence|type)\b/, says: 'drops what is still asked for' },
  { of: /^alter .*\bdrop column\b/, says: 'drops a column that is still asked for' },
  { of: /^alter (table|view|function|sequence|type) .*\brename (to|column|value|(?!constraint)\w+ to)\b/, says: 'renames what is still asked for' },
  { of: /^alter table .*\balter (column )?\w+ (set data )?type\b/, says: 'changes what statements that are prepared give back' },
  { of: /^alter table .*\balter (column )?\w+ set not null\b/, says: 'refuses rows that are still written' },
  { of: /^alter table .*\balter (column )?\w+ drop default\b/, says: 'refuses rows that are still written' },
  { of: /\badd column (if not exists )?\w+ (?:(?!\bdefault\b|, add ).)*\bnot null\b(?!(?:(?!, add ).)*\bdefault\b)/, says: 'refuses rows that are still written' },
]; // prettier-ignore

/** What a statement takes from processes of the release before; undefined when nothing. */
function takingOf(statement: string): string | undefined {
  const text = statement.replaceAll(/\s+/g, ' ').trim().toLowerCase();
  return takings.find(({ of }) => of.test(text))?.says;
}

const createdIn = (text: string) =>
  new Set(
    [...text.matchAll(/create (?:unlogged )?table (?:if not exists )?(\w+)/gi)].map(
      ([, table = '']) => table,
    ),
  );

/** Tables that were there before and that a part of a migration keeps writers or readers from until it is committed. */
function tablesHeldBy(part: string, created: ReadonlySet<string>): string[] {
  const text = part.replaceAll(/--.*$/gm, '').replaceAll(/\bconcurrently\b.*$/gim, '');
  const named = [
    /\b(?:alter|drop) table (?:if exists )?(?:only )?(\w+)/gi,
    /\breferences (\w+)/gi,
    /\bcreate (?:or replace )?(?:constraint )?trigger \w+ [^;]*? on (\w+)/gi,
    /\bcreate (?:unique )?index (?:if not exists )?(?:\w+ )?on (\w+)/gi,
    /^\s*(?:update|delete from|lock table) (\w+)/gim,
  ].flatMap((pattern) => [...text.matchAll(pattern)].map(([, table = '']) => table));
  return [...new Set(named)].filter((table) => !created.has(table));
}

/** Those before were rolled out before anybody looked at this. */
const looked = later.filter((name) => name >= '0037');

describe('F14: migrations that workers of the release before live with', () => {
  test.each(looked)('%s takes nothing from them', (name) => {
    const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
    if (/^-- Unasked for since \d{4}\./m.test(text)) return;
    const created = createdIn(text);
    const found = statementsOf(text).filter((statement) => {
      const [, table] = /^(?:alter|drop) table (?:if exists )?(\w+)/i.exec(statement.trim()) ?? [];
      return !created.has(table ?? '') && takingOf(statement) !== undefined;
    });
    expect(found.map((statement) => `${statement.trim().slice(0, 80)}: ${takingOf(statement) ?? ''}`)).toEqual([]);
  }); // prettier-ignore

  /* Whoever has one table and waits for the next stops others who have that and wait for the first: pages and workers would fall, not the migration. */
  test.each(looked.filter((name) => name >= LARGE_SINCE))('%s holds one table that is in use at a time', (name) => {
    const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
    for (const part of text.split(/^-- commit;$/m)) expect(tablesHeldBy(part, createdIn(text)).length).toBeLessThan(2);
  }); // prettier-ignore

  test('tables are counted that a part of a migration keeps others from', () => {
    const part = `
      alter table batches add column cohort smallint;
      create table run_cohorts (run_id bigint references runs, by uuid references people (id));
      create index on run_cohorts (run_id);
      create trigger t after update on accounts for each row execute function f();
      -- alter table cases add column x text;
      drop table if exists uploads`;
    expect(tablesHeldBy(part, createdIn(part)).toSorted()).toEqual([
      'accounts',
      'batches',
      'people',
      'runs',
      'uploads',
    ]);
  });

  test.each([
    'alter table hook_inbox drop column reading',
    'drop table usage_person_days',
    'alter table runs rename to mailings',
    'alter table runs rename column fixed to content',
    'alter table delivery_events alter column event_id type text collate "C"',
    'alter table batches alter column due_at set not null',
    'alter table batches add column zone_id bigint not null',
    'alter table batches add column a int not null default 1, add column b int not null',
    'alter table batches alter column fence drop default',
  ])('refuses: %s', (statement) => {
    expect(takingOf(statement)).toBeDefined();
  });

  test.each([
    'alter table batches add column is_rest boolean not null default false',
    'alter table batches add column is_rest boolean default false not null',
    'alter table runs add column trial jsonb',
    'alter table batches drop constraint batches_state_check, add constraint batches_state_check check (state <> $$$$) not valid',
    'alter table track_approvals alter column people drop not null',
    'alter table a rename constraint b to c',
    'create index concurrently if not exists batches_waiting on batches (run_id)',
  ])('lets pass: %s', (statement) => {
    expect(takingOf(statement)).toBeUndefined();
  });
});
