/** Records of an org, random but the same for one seed, put into the sandbox's tables as they are. */
import { randomFrom } from '../../../../sandbox/demo/random.ts';
import { quote } from '../../../../sandbox/database.ts';
import { idOf } from '../../../../sandbox/salesforce/records/ids.ts';
import { defineField } from '../../../../sandbox/salesforce/schema/define.ts';
import { dayIn } from './values.ts';

import type { Random } from '../../../../sandbox/demo/random.ts';
import type { Org } from '../../../../sandbox/salesforce/context.ts';
import type { Row, World } from './terms.ts';
import type { Scalar } from './query.ts';

/** Texts that differ in case only, that hold what LIKE and quotes make special, and that are empty. */
export const texts = [
  'alpha', 'Alpha', 'ALPHA', 'beta', 'Beta 100%', 'gam_ma', "O'Hara", 'back\\slash', 'Éclair', 'éclair', 'zulu', '日本',
  'a', 'ab', 'abc', 'two words', 'line\nbreak', '"quoted"',
]; // prettier-ignore

const colors = ['Red', 'Green', 'Blue', 'Black'];

/** Fills an org and tells what is in it. The org's clock is set to `now`. */
export async function fill(org: Org, seed: number, now: Date): Promise<World> {
  org.clock.setOffset(now.getTime() - Date.now());
  await defineFields(org);
  const random = randomFrom(seed, 'corpus');
  const known = await org.pool.query(
    'select "Id", "Name", "LastName", "Title", "IsActive", "ManagerId" from "User"',
  );
  const rows: Record<string, Row[]> = { ...people(random), ...records(random, now) };
  for (const [object, list] of Object.entries(rows)) await insert(org, object, list);
  rows.User = [...(known.rows as Row[]), ...(rows.User ?? [])];
  for (const contact of rows.Contact ?? [])
    contact.Name = [contact.FirstName, contact.LastName].filter((name) => name !== null).join(' ');
  for (const user of rows.User) user.Name = [user.FirstName, user.LastName].filter(Boolean).join(' ') || (user.Name ?? null); // prettier-ignore
  return {
    rows,
    now,
    timeZone: 'America/New_York',
    today: dayIn('America/New_York', now),
    byId: new Map(Object.entries(rows).flatMap(([object, list]) => list.map((row) => [String(row.Id), { object, row }] as const))),
    picklists: picklistsOf(org),
  }; // prettier-ignore
}

async function defineFields(org: Org): Promise<void> {
  const options = { length: 64, caseSensitive: true, externalId: true };
  await defineField(org, 'Account', { name: 'Code__c', label: 'Code', type: 'string', ...options });
  await defineField(org, 'Account', {
    name: 'Flag__c',
    label: 'Flag',
    type: 'boolean',
    defaultValue: false,
    nillable: false,
  });
  await defineField(org, 'Account', {
    name: 'Colors__c',
    label: 'Colors',
    type: 'multipicklist',
    picklistValues: colors.map((value) => ({ value, label: value, active: true, defaultValue: false })),
  });
  await defineField(org, 'Account', {
    name: 'Score__c',
    label: 'Score',
    type: 'double',
    precision: 10,
    scale: 2,
  });
  await defineField(org, 'Account', { name: 'Seen__c', label: 'Seen', type: 'datetime' });
}

function picklistsOf(org: Org): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const object of ['Account', 'Contact', 'Case', 'Opportunity', 'Task'])
    for (const { name, type, picklistValues } of org.catalog.find(object)?.fields ?? [])
      if (type === 'picklist')
        found.set(
          `${object}.${name}`,
          picklistValues.map(({ value }) => value),
        );
  return found;
}

const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => idOf(prefix, 5000 + at * 7));

const people = (random: Random): Record<string, Row[]> => {
  const users = ids('005', 4);
  return {
    User: users.map((Id, at) => ({
      Id, LastName: ['Reed', 'moss', 'Ash', 'Éclair'][at] ?? '', FirstName: at === 2 ? null : 'Kim',
      Title: random.pick([null, 'Rep', 'rep']), IsActive: at !== 3, ManagerId: at === 0 ? null : (users[at - 1] ?? null),
    })),
    Group: ids('00G', 2).map((Id, at) => ({ Id, Name: ['Tier One', 'alpha'][at] ?? '' })),
  }; // prettier-ignore
};

function records(random: Random, now: Date): Record<string, Row[]> {
  const make = makers(random, now);
  const [users, groups] = [ids('005', 4), ids('00G', 2)];
  const accounts = ids('001', 60);
  const contacts = ids('003', 90);
  const cases = ids('500', 90);
  const opportunities = ids('006', 60);
  const earlier = (list: string[], at: number) => (at === 0 ? null : make.maybe(0.5, () => list[random.int(0, at - 1)] ?? null)); // prettier-ignore
  return {
    Account: accounts.map((Id, at) => ({
      ...make.common(Id), Name: make.text(), Type: make.maybe(0.7, () => random.pick(['Prospect', 'Customer', 'MSP', 'Other', 'odd one'])),
      Industry: make.maybe(0.6, () => random.pick(['Banking', 'Energy', 'Education'])), AnnualRevenue: make.maybe(0.7, () => random.int(0, 20) * 1000),
      NumberOfEmployees: make.maybe(0.7, () => random.int(-3, 12)), BillingCity: make.maybe(0.7, make.text), Site: make.maybe(0.5, make.text),
      LastActivityDate: make.maybe(0.7, make.day), ParentId: earlier(accounts, at), OwnerId: random.pick(users),
      Code__c: make.maybe(0.8, make.text), Flag__c: random.chance(0.4), Colors__c: make.maybe(0.7, () => make.some(colors)),
      Score__c: make.maybe(0.7, () => random.int(-500, 500) / 4), Seen__c: make.maybe(0.7, make.moment),
    })),
    Contact: contacts.map((Id, at) => ({
      ...make.common(Id), LastName: make.text(), FirstName: make.maybe(0.7, make.text), Email: make.maybe(0.7, () => `${random.pick(['Ann', 'ann', 'bo'])}@x.example`),
      Title: make.maybe(0.5, make.text), LeadSource: make.maybe(0.5, () => random.pick(['Web', 'Other'])), Birthdate: make.maybe(0.7, make.day), DoNotCall: random.chance(0.3),
      AccountId: make.maybe(0.8, () => random.pick(accounts)), ReportsToId: earlier(contacts, at), OwnerId: random.pick(users),
    })),
    Case: cases.map((Id, at) => ({
      ...make.common(Id), CaseNumber: String(at + 1).padStart(8, '0'), Subject: make.maybe(0.8, make.text), Status: random.pick(['New', 'Closed', 'Escalated', 'Working']),
      Priority: make.maybe(0.8, () => random.pick(['High', 'Medium', 'Low'])), Origin: make.maybe(0.5, () => random.pick(['Phone', 'Email', 'Web'])), IsEscalated: random.chance(0.3), ClosedDate: make.maybe(0.5, make.moment),
      AccountId: make.maybe(0.8, () => random.pick(accounts)), ContactId: make.maybe(0.7, () => random.pick(contacts)), ParentId: earlier(cases, at), OwnerId: random.pick([...users, ...groups]),
    })),
    Opportunity: opportunities.map((Id) => ({
      ...make.common(Id), Name: make.text(), StageName: random.pick(['Prospecting', 'Closed Won', 'Closed Lost', 'Qualification']), Amount: make.maybe(0.8, () => random.int(0, 4000) / 4),
      Probability: make.maybe(0.8, () => random.int(0, 10) * 10), CloseDate: make.day(), IsPrivate: random.chance(0.2), NextStep: make.maybe(0.4, make.text), AccountId: make.maybe(0.8, () => random.pick(accounts)), OwnerId: random.pick(users),
    })),
    Task: ids('00T', 60).map((Id) => ({
      ...make.common(Id), Subject: make.maybe(0.8, make.text), ActivityDate: make.maybe(0.7, make.day), Status: random.pick(['Not Started', 'Completed']), Priority: random.pick(['High', 'Normal']),
      WhoId: make.maybe(0.6, () => random.pick(contacts)), WhatId: make.maybe(0.8, () => random.pick([...accounts, ...cases, ...opportunities])), OwnerId: random.pick([...users, ...groups]),
    })),
  }; // prettier-ignore
}

function makers(random: Random, now: Date) {
  const day = () => new Date(now.getTime() + random.int(-500, 400) * 86_400_000 * (random.chance(0.5) ? 1 : 0.05)).toISOString().slice(0, 10); // prettier-ignore
  const moment = () => {
    const at = new Date(now.getTime() + random.int(-20_000, 2000) * 3_600_000 * (random.chance(0.5) ? 1 : 0.02)).toISOString(); // prettier-ignore
    return `${at.slice(0, 19)}.000+0000`;
  };
  return {
    text: () => random.pick(texts),
    day,
    moment,
    maybe: <T>(chance: number, make: () => T) => (random.chance(chance) ? make() : null),
    some: (list: string[]) => list.filter((_, at) => at === 0 || random.chance(0.4)).join(';'),
    common: (Id: string): Record<string, Scalar> => ({ Id, IsDeleted: random.chance(0.1), CreatedDate: moment(), LastModifiedDate: moment() }), // prettier-ignore
  };
}

async function insert(org: Org, object: string, rows: Row[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const stamped = org.catalog.find(object)?.field('SystemModstamp') ? ['SystemModstamp'] : [];
  const all = rows.map((row) => ({ ...row, ...(stamped.length > 0 && { SystemModstamp: row.LastModifiedDate ?? '2026-01-01T00:00:00Z' }) })); // prettier-ignore
  const missing = ['CreatedDate', 'LastModifiedDate'].filter((name) => !names.includes(name) && org.catalog.find(object)?.field(name)); // prettier-ignore
  for (const row of all) for (const name of missing) Object.assign(row, { [name]: '2026-01-01T00:00:00Z' });
  const columns = [...names, ...stamped, ...missing].map(quote).join(', ');
  await org.pool.query(
    `insert into ${quote(object)} (${columns}) select ${columns} from json_populate_recordset(null::${quote(object)}, $1::json)`,
    [JSON.stringify(all)],
  );
}
