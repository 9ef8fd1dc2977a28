import { db, sql } from '../../src/platform/db.ts';
import { type Random, randomFrom } from '../convergence/random.ts';

/* A small world of accounts and all that hangs on them, in memory and in the database, as a seed decides. */

type Row = Record<string, unknown>;

export interface World {
  today: string;
  accounts: Row[];
  /** The ids of those that staff took off the lists. */
  removed: string[];
  products: Row[];
  licenses: Row[];
  opportunities: Row[];
  cases: Row[];
  contacts: Row[];
  relations: Row[];
  usageAccounts: Row[];
  usagePeople: Row[];
  usageDays: Row[];
  engagement: Row[];
  people: Row[];
}

export const TODAY = '2026-03-15';

export const dayFrom = (days: number, from = TODAY): string =>
  new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** Texts that hurt whoever pastes them into SQL, a pattern or JSON. */
export const hostile = [
  "Robert'); drop table accounts; --", '%', '_', '\\', '100 % \\_ "quoted"', '$1', '{{value}}', '<script>', '語 🙂', '', ' ', '__proto__',
  'a;b', 'null', "o'neil",
]; // prettier-ignore
const words = ['alpha', 'Beta', 'gamma ray', 'Delta_1', ...hostile.filter((text) => text !== '')];

export function worldOf(seed: number): World {
  const random = randomFrom(seed);
  const accounts = times(50, (i) => accountOf(random, i));
  const contacts = times(70, (i) => contactOf(random, i));
  const usageAccounts = times(40, (i) => ({
    id: i + 1,
    account_id: maybe(random, idOf('A', random.below(50))),
  }));
  const usageDays = daysOf(random);
  return {
    today: TODAY,
    accounts,
    removed: accounts.filter(() => random.happens(0.05)).map(({ id }) => String(id)),
    contacts,
    usageAccounts,
    usagePeople: times(8, (i) => ({
      id: i + 1,
      traits: { role: pick(random, ['admin', 'Analyst ', '', null]) },
    })),
    usageDays,
    products: times(4, (i) => ({ id: idOf('P', i), name: words[i], family: maybe(random, 'Backup') })),
    licenses: times(80, (i) => licenseOf(random, i)),
    opportunities: times(80, (i) => opportunityOf(random, i)),
    cases: times(80, (i) => caseOf(random, i)),
    relations: times(60, (i) => relationOf(random, i)),
    engagement: accounts.filter(() => random.happens(0.8)).map(({ id }) => engagementOf(random, String(id))),
    people: peopleOf(random, contacts),
  };
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const idOf = (kind: string, i: number): string => `${kind}${String(i).padStart(4, '0')}`;
const pick = <T>(random: Random, of: readonly T[]): T => of[random.below(of.length)]!;
const maybe = <T>(random: Random, value: T): T | null => (random.happens(0.25) ? null : value);
const dayIn = (random: Random, from: number, to: number): string => dayFrom(from + random.below(to - from));
const momentIn = (random: Random, from: number, to: number): string =>
  `${dayIn(random, from, to)}T${String(random.below(24)).padStart(2, '0')}:30:00Z`;
const isDeleted = (random: Random): string | null => (random.happens(0.08) ? '2026-01-01T00:00:00Z' : null);

function accountOf(random: Random, i: number): Row {
  const other = () => (random.happens(0.5) ? idOf('A', random.below(50)) : null);
  const attributes: Row = {};
  if (random.happens(0.6)) attributes.Region__c = pick(random, words);
  if (random.happens(0.6)) attributes.Score__c = random.below(40) / 4;
  if (random.happens(0.6)) attributes.Flag__c = random.happens(0.5);
  if (random.happens(0.6)) attributes.Renewed__c = dayIn(random, -60, 60);
  if (random.happens(0.6)) attributes.Amount__c = random.below(200) / 2;
  if (random.happens(0.6)) attributes.Topics__c = pick(random, ['x', 'x;y', 'y;z', 'x;y;z']);
  if (random.happens(0.1)) attributes.Score__c = 'not a number';
  return {
    id: idOf('A', i),
    name: pick(random, words),
    type: maybe(random, pick(random, ['Customer', 'Reseller', "o'neil"])),
    industry: maybe(random, pick(random, words)),
    employees: maybe(random, random.below(100)),
    annual_revenue_minor: maybe(random, random.below(1000) * 50),
    billing_country: maybe(random, pick(random, ['DE', 'US', 'JP'])),
    billing_city: maybe(random, pick(random, words)),
    website: maybe(random, `https://${String(i)}.example`),
    owner_id: maybe(random, pick(random, ['U1', 'U2', 'U3'])),
    success_manager_id: random.happens(0.4) ? 'U3' : null,
    parent_id: other(),
    distributor_id: other(),
    partner_id: other(),
    last_activity_on: maybe(random, dayIn(random, -100, 20)),
    created_at: momentIn(random, -900, -1),
    deleted_at: isDeleted(random),
    attributes,
  };
}

const licenseOf = (random: Random, i: number): Row => ({
  id: idOf('L', i),
  account_id: maybe(random, idOf('A', random.below(50))),
  product_id: maybe(random, idOf('P', random.below(4))),
  edition: maybe(random, pick(random, ['Desktop', 'Server'])),
  version: maybe(random, pick(random, ['9.1', '9.2'])),
  kind: pick(random, ['License', 'License', 'Channel Code', null]),
  seats: maybe(random, random.below(50)),
  status: maybe(random, pick(random, ['Active', 'Expired', 'Replaced', 'Revoked'])),
  is_trial: random.happens(0.2),
  purchased_on: maybe(random, dayIn(random, -900, 0)),
  support_until: maybe(random, dayIn(random, -200, 200)),
  deleted_at: isDeleted(random),
});

const opportunityOf = (random: Random, i: number): Row => ({
  id: idOf('O', i),
  name: pick(random, words),
  account_id: maybe(random, idOf('A', random.below(50))),
  type: maybe(random, pick(random, ['Renewal', 'New Business'])),
  stage: pick(random, ['Prospecting', 'Closed Won', 'Closed Lost']),
  is_closed: random.happens(0.5),
  is_won: random.happens(0.3),
  amount_minor: maybe(random, random.below(1000) * 50),
  close_on: maybe(random, dayIn(random, -100, 100)),
  owner_id: maybe(random, pick(random, ['U1', 'U2'])),
  created_at: momentIn(random, -400, 0),
  deleted_at: isDeleted(random),
});

const caseOf = (random: Random, i: number): Row => ({
  id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  account_id: maybe(random, idOf('A', random.below(50))),
  contact_id: maybe(random, idOf('C', random.below(70))),
  subject: pick(random, words),
  status: pick(random, ['New', 'Working', 'Closed']),
  priority: maybe(random, pick(random, ['Low', 'High', 'Critical'])),
  type: maybe(random, 'Problem'),
  origin: maybe(random, pick(random, ['Web', 'Phone'])),
  is_closed: random.happens(0.5),
  created_at: momentIn(random, -200, 0),
  closed_at: maybe(random, momentIn(random, -50, 0)),
  deleted_at: isDeleted(random),
});

const contactOf = (random: Random, i: number): Row => ({
  id: idOf('C', i),
  account_id: idOf('A', random.below(50)),
  name: pick(random, words),
  department: maybe(random, pick(random, words)),
  phone: maybe(random, '+1'),
  locale: maybe(random, pick(random, ['de', 'en'])),
  is_beta: random.happens(0.3),
  deleted_at: isDeleted(random),
});

const relationOf = (random: Random, i: number): Row => ({
  id: idOf('R', i),
  account_id: idOf('A', random.below(50)),
  contact_id: idOf('C', random.below(70)),
  is_active: random.happens(0.8),
  roles: pick(random, [[], ['Decision Maker'], ['Executive Sponsor', "o'neil"]]),
  deleted_at: isDeleted(random),
});

function daysOf(random: Random): Row[] {
  const days = new Map<string, Row>();
  for (let i = 0; i < 900; i += 1) {
    const row = {
      usage_account: 1 + random.below(40),
      day: dayIn(random, -70, 3),
      person: random.below(9),
      module: pick(random, ['Restore', 'Reports', "o'neil"]),
      action: pick(random, ['open', 'run', '%']),
      events: 1 + random.below(9),
      seconds: random.below(600),
    };
    days.set([row.usage_account, row.day, row.person, row.module, row.action].join('|'), row);
  }
  return [...days.values()];
}

function engagementOf(random: Random, account_id: string): Row {
  const isTracked = random.happens(0.7);
  const counted = <T>(value: T) => (isTracked ? value : null);
  return {
    account_id,
    status: pick(random, ['paying', 'free', 'cancelled', 'unknown']),
    stage: maybe(random, pick(random, ['trial', 'onboarding', 'established'])),
    customer_since: maybe(random, dayIn(random, -900, 0)),
    contract_value_minor: maybe(random, random.below(1000) * 100),
    tracked_since: counted(dayIn(random, -90, -1)),
    last_active_on: counted(dayIn(random, -20, 1)),
    days_active_14: counted(random.below(15)),
    people_active_14: counted(random.below(9)),
    modules_14: counted(random.below(3)),
    actions_per_day: counted(random.below(40) / 8),
    engagement: counted(random.below(101)),
    frequency: counted(pick(random, ['daily', 'weekly', 'inactive'])),
    seats: maybe(random, random.below(50)),
    utilization: maybe(random, random.below(120)),
    refreshed_on: TODAY,
  };
}

function peopleOf(random: Random, contacts: readonly Row[]): Row[] {
  const known = contacts
    .filter(() => random.happens(0.8))
    .map((contact) => ({
      contact_id: contact.id,
      account_id: contact.account_id,
      usage_person: maybe(random, random.below(9)),
    }));
  const users = times(20, () => ({
    contact_id: null,
    account_id: idOf('A', random.below(50)),
    usage_person: random.below(9),
  }));
  const seen = new Set<string>();
  return [...known, ...users]
    .filter(({ account_id, usage_person }) => {
      const key = `${String(account_id)} ${String(usage_person)}`;
      const isNew = usage_person === null || !seen.has(key);
      seen.add(key);
      return isNew;
    })
    .map((row, i) => ({
      ...row,
      id: i + 1,
      name: pick(random, words),
      title: maybe(random, pick(random, words)),
      email_normalized: maybe(random, `p${String(i)}@x.example`),
      first_active_on: maybe(random, dayIn(random, -90, 0)),
      last_active_on: maybe(random, dayIn(random, -20, 1)),
      days_active_14: random.below(15),
      engagement: maybe(random, random.below(101)),
      frequency: maybe(random, pick(random, ['daily', 'weekly', 'inactive'])),
    }));
}

/** How the org describes its own fields of an account. */
const fieldTypes = {
  Region__c: 'string', Score__c: 'double', Flag__c: 'boolean', Renewed__c: 'date', Amount__c: 'currency', Topics__c: 'multipicklist',
}; // prettier-ignore

/** Puts the world into the database, in place of another. */
export async function settle(world: World): Promise<void> {
  await sql`truncate accounts, products, licenses, opportunities, cases, contacts, account_contact_relations, usage_accounts, usage_people, usage_days,
    usage_person_days, usage_account_days, removed_accounts, account_engagement, account_people, sync_states restart identity cascade`.execute(
    db,
  );
  await sql`insert into sync_states (sobject, table_name, position, field_types)
    values ('Account', 'accounts', 1, ${JSON.stringify(fieldTypes)}::jsonb)`.execute(db);
  const modified = (row: Row) => ({ ...row, modified_at: '2026-01-01T00:00:00Z' });
  await insert('products', world.products.map(modified));
  await insert('accounts', world.accounts.map(modified));
  await insert('contacts', world.contacts.map(modified), 'email_normalized');
  await insert('account_contact_relations', world.relations.map(modified));
  await insert('licenses', world.licenses.map((row) => modified({ ...row, name: row.id }))); // prettier-ignore
  await insert('opportunities', world.opportunities.map(modified));
  await insert('cases', world.cases.map(modified));
  const seen = { first_seen_at: '2026-01-01T00:00:00Z', last_seen_at: '2026-01-01T00:00:00Z' };
  for (const { id, account_id } of world.usageAccounts)
    await sql`insert into usage_accounts (id, external_id, account_id, matched_by, first_seen_at, last_seen_at)
      overriding system value values (${id}, ${String(id)}, ${account_id}, ${account_id === null ? null : 'id'}, ${seen.first_seen_at}, ${seen.last_seen_at})`.execute(
      db,
    );
  for (const { id, traits } of world.usagePeople)
    await sql`insert into usage_people (id, external_id, traits, first_seen_at, last_seen_at)
      overriding system value values (${id}, ${String(id)}, ${JSON.stringify(traits)}, ${seen.first_seen_at}, ${seen.last_seen_at})`.execute(
      db,
    );
  await insert('usage_days', world.usageDays);
  await sql`insert into usage_person_days (usage_account, day, person, events, seconds, modules)
    select usage_account, day, person, sum(events), sum(seconds), 0 from usage_days group by 1, 2, 3`.execute(
    db,
  );
  await sql`insert into usage_account_days (usage_account, day, events, seconds, people, modules)
    select usage_account, day, sum(events), sum(seconds), count(distinct person) filter (where person > 0), 0
    from usage_days group by 1, 2`.execute(db);
  await sql`insert into removed_accounts (account_id, removed_at)
    select unnest(${world.removed}::text[]), '2026-01-01'`.execute(db);
  await insert('account_engagement', world.engagement);
  await insert('account_people', world.people);
}

/** The columns that a row does not name take their defaults; numbers, dates and objects come as JSON and become what the column is. */
async function insert(table: string, rows: readonly Row[], generated = ''): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = sql.join(Object.keys(first).filter((name) => name !== generated).map((name) => sql.ref(name))); // prettier-ignore
  await sql`insert into ${sql.table(table)} (${columns}) overriding system value
    select ${columns} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb)`.execute(
    db,
  );
}
