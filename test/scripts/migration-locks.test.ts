import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

/* F25: what may be done to tables that hold millions of rows while people work. */

const FOLDER = 'src/migrations';

/** Those that a large customer fills before any later migration comes. */
const large = new Set(
  `accounts contacts account_contact_relations opportunities opportunity_lines licenses cases case_comments case_emails
   case_changes file_versions file_links users people outbox mirror_changes events case_acts case_notices uploads upload_chunks
   health health_history health_readings insights leads salesforce_tasks salesforce_events assets contracts
   salesforce_campaign_members salesforce_records`.split(/\s+/),
);

/** What a statement does that keeps others from a large table for as long as it has rows; undefined when nothing. */
function dangerOf(statement: string): string | undefined {
  const text = statement.replaceAll(/\s+/g, ' ').trim().toLowerCase();
  const [, table = ''] =
    /^(?:alter table (?:if exists )?(?:only )?|update |delete from |truncate (?:table )?|cluster |vacuum full |lock table |create (?:unique )?index .*? on )(?:only )?"?(\w+)/.exec(
      text,
    ) ?? [];
  if (!large.has(table)) return undefined;
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
      const danger = isOfNew ? undefined : dangerOf(statement);
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
