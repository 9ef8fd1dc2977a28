import { organization, staff as cast, type StaffMember } from '../../cast.ts';
import type { Db } from '../../database.ts';
import { firstIds } from '../../salesforce/schema/first-rows.ts';
import { DAY, HOUR, isoMoment } from '../dates.ts';
import type { Ids } from '../load/ids.ts';
import type { AddRow } from '../load/tables.ts';
import { languageOf, personIn } from '../people.ts';
import { randomFrom, type Random } from '../random.ts';
import { countryNamed } from '../regions/regions.ts';
import type { Country } from '../regions/region.ts';
import { chooser, type Job, type Staff, type StaffUser } from './staff.ts';

interface Hiring {
  seed: number;
  now: number;
  add: AddRow;
  ids: Ids;
  /** Ids of the deployed permission sets by name. */
  permissionSets: ReadonlyMap<string, string>;
}

/** How many of each job sit where. The cast's three are in the United States besides. */
const offices: readonly (readonly [country: string, reps: number, csms: number, agents: number])[] = [
  ['United States', 4, 2, 3],
  ['United Kingdom', 2, 1, 2],
  ['Germany', 2, 1, 2],
  ['France', 1, 1, 1],
  ['Italy', 1, 1, 1],
  ['Spain', 1, 1, 1],
  ['Mexico', 1, 1, 1],
  ['Brazil', 1, 1, 1],
  ['Japan', 2, 1, 2],
  ['Australia', 1, 1, 1],
];

const titles: Readonly<Record<Job, string>> = {
  rep: 'Account Executive',
  csm: 'Customer Success Manager',
  agent: 'Support Engineer',
};
const departments: Readonly<Record<Job, string>> = {
  rep: 'Sales',
  csm: 'Customer Success',
  agent: 'Support',
};
const permissionSetOf: Readonly<Record<Job, string>> = {
  rep: 'Rapport_Rep',
  csm: 'Rapport_Success',
  agent: 'Rapport_Support',
};
const locales: Readonly<Record<string, string>> = {
  'United Kingdom': 'en_GB', Germany: 'de_DE', France: 'fr_FR', Italy: 'it_IT', Spain: 'es_ES', Mexico: 'es_MX', Brazil: 'pt_BR',
  Japan: 'ja_JP', Australia: 'en_AU',
}; // prettier-ignore

/** The deployed permission sets that the package brings, by name. @throws Error when the package is not deployed. */
export async function readPermissionSets(db: Db): Promise<Map<string, string>> {
  const { rows } = await db.query(
    `select "Name" as name, "Id" as id from "PermissionSet" where "Name" like 'Rapport\\_%'`,
  );
  const found = new Map((rows as { name: string; id: string }[]).map(({ name, id }) => [name, id]));
  const missing = [
    'Rapport_Integration',
    'Rapport_Rep',
    'Rapport_Success',
    'Rapport_Support',
    'Rapport_Admin',
  ].filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new Error(`The package in salesforce/ is not deployed: no permission set ${missing.join(', ')}.`);
  return found;
}

/** Makes everyone who works at Tidewater Software, their roles, permission sets and queues. */
export function hireStaff(hiring: Hiring): Staff {
  const { seed } = hiring;
  const roles = addRoles(hiring);
  const castUsers = hireCast(hiring, roles);
  const users = [...castUsers.list];
  const nicknames = new Set<string>();
  for (const [country, ...counts] of offices) {
    const random = randomFrom(seed, 'office', country);
    for (const [place, job] of (['rep', 'csm', 'agent'] as const).entries()) {
      for (let left = counts[place] ?? 0; left > 0; left -= 1) {
        users.push(hire(hiring, { job, country: countryNamed(country), random, roles, nicknames }));
      }
    }
  }
  assign(hiring, firstIds.admin, 'Rapport_Admin');
  assign(hiring, firstIds.admin, 'Rapport_Integration');
  const names = new Map(users.map((user) => [user.id, user.name]));
  names.set(firstIds.admin, `${cast.admin.firstName} ${cast.admin.lastName}`);
  const queues = addQueues(hiring, users, names);
  return {
    admin: firstIds.admin,
    cast: castUsers.byJob,
    queues,
    nameOf: (id) => names.get(id) ?? '',
    forCountry: chooser(users),
  };
}

function addRoles({ add, ids, now }: Hiring): Readonly<Record<Job, string>> {
  const at = now - 2200 * DAY;
  const addRole = (Name: string, ParentRoleId: string | null) => {
    const Id = ids.next('UserRole');
    add(
      'UserRole',
      { Id, Name, DeveloperName: Name.replaceAll(' ', '_'), ParentRoleId },
      { at, by: firstIds.admin },
    );
    return Id;
  };
  const chief = addRole('CEO', null);
  return {
    rep: addRole('Sales', addRole('VP Sales', chief)),
    csm: addRole('Customer Success', addRole('VP Customer Success', chief)),
    agent: addRole('Support', addRole('Director of Support', chief)),
  };
}

function hireCast(hiring: Hiring, roles: Readonly<Record<Job, string>>) {
  const country = countryNamed('United States');
  const employ = (job: Job, member: StaffMember): StaffUser => {
    const user = userOf(hiring, job, country, member);
    addUser(hiring, user, {
      ...member,
      role: roles[job],
      nickname: member.alias,
      at: hiring.now - 1500 * DAY,
    });
    assign(hiring, user.id, member.permissionSet);
    return user;
  };
  const byJob = {
    rep: employ('rep', cast.rep),
    csm: employ('csm', cast.csm),
    agent: employ('agent', cast.support),
  };
  return { byJob, list: Object.values(byJob) };
}

interface Opening {
  job: Job;
  country: Country;
  random: Random;
  roles: Readonly<Record<Job, string>>;
  nicknames: Set<string>;
}

function hire(hiring: Hiring, { job, country, random, roles, nicknames }: Opening): StaffUser {
  let person = personIn(country, random);
  while (nicknames.has(person.mailName)) person = personIn(country, random);
  nicknames.add(person.mailName);
  const email = `${person.mailName}@tidewater.example`;
  const user = userOf(hiring, job, country, { ...person, email });
  addUser(hiring, user, {
    ...person,
    username: `${person.mailName}@tidewater.sandbox`,
    email,
    title: titles[job],
    alias: person.mailName.replaceAll(/[^a-z]/g, '').slice(0, 8),
    nickname: person.mailName,
    timeZone: country.timeZone,
    role: roles[job],
    at: hiring.now - random.int(200, 2000) * DAY,
  });
  assign(hiring, user.id, permissionSetOf[job]);
  return user;
}

const userOf = (
  { ids }: Hiring,
  job: Job,
  country: Country,
  who: { firstName: string; lastName: string; email: string },
): StaffUser => ({
  id: ids.next('User'),
  name: `${who.firstName} ${who.lastName}`,
  email: who.email,
  job,
  country: country.name,
  language: languageOf(country.locale),
  territory: country.territory,
});

interface Employment {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  alias: string;
  nickname: string;
  title: string;
  timeZone: string;
  role: string;
  at: number;
}

function addUser({ add, now }: Hiring, user: StaffUser, employment: Employment): void {
  add('User', {
    Id: user.id,
    Username: employment.username,
    LastName: employment.lastName,
    FirstName: employment.firstName,
    CompanyName: organization.name,
    Department: departments[user.job],
    Title: employment.title,
    Email: employment.email,
    Alias: employment.alias,
    CommunityNickname: employment.nickname,
    IsActive: true,
    TimeZoneSidKey: employment.timeZone,
    UserRoleId: employment.role,
    LocaleSidKey: locales[user.country] ?? 'en_US',
    EmailEncodingKey: 'UTF-8',
    ProfileId: firstIds.standardProfile,
    UserType: 'Standard',
    LanguageLocaleKey: 'en_US',
    Country: user.country,
    LastLoginDate: isoMoment(now - (1 + (employment.nickname.length % 20)) * HOUR),
  }, { at: employment.at, by: firstIds.admin }); // prettier-ignore
}

function assign({ add, ids, permissionSets, now }: Hiring, AssigneeId: string, permissionSet: string): void {
  const PermissionSetId = permissionSets.get(permissionSet);
  const row = { Id: ids.next('PermissionSetAssignment'), PermissionSetId, AssigneeId, IsActive: true };
  add('PermissionSetAssignment', row, { at: now - DAY, by: firstIds.admin });
}

function addQueues(hiring: Hiring, users: readonly StaffUser[], names: Map<string, string>): Staff['queues'] {
  const { add, ids, now } = hiring;
  const stamp = { at: now - 1900 * DAY, by: firstIds.admin };
  const addQueue = (Name: string, SobjectType: 'Case' | 'Lead', members: readonly StaffUser[]) => {
    const Id = ids.next('Group');
    const DeveloperName = Name.replaceAll(/[^A-Za-z]+/g, '_');
    add('Group', { Id, Name, DeveloperName, Type: 'Queue', Email: 'support@tidewater.example' }, stamp);
    add(
      'QueueSobject',
      { Id: ids.next('QueueSobject'), QueueId: Id, SobjectType, CreatedById: firstIds.admin },
      stamp,
    );
    for (const { id } of members)
      add('GroupMember', { Id: ids.next('GroupMember'), GroupId: Id, UserOrGroupId: id }, stamp);
    names.set(Id, Name);
    return Id;
  };
  const agents = users.filter((user) => user.job === 'agent');
  const queueOf = (territory: Country['territory']) =>
    addQueue(
      `Support ${territory}`,
      'Case',
      agents.filter((agent) => agent.territory === territory),
    );
  return {
    byTerritory: {
      Americas: queueOf('Americas'),
      APAC: queueOf('APAC'),
      DACH: queueOf('DACH'),
      'Iberia & LatAm': queueOf('Iberia & LatAm'),
      'Southern Europe': queueOf('Southern Europe'),
      'UK & Ireland': queueOf('UK & Ireland'),
    },
    escalations: addQueue('Support Escalations', 'Case', agents.slice(0, 3)),
    leads: addQueue(
      'Inbound Leads',
      'Lead',
      users.filter((user) => user.job === 'rep'),
    ),
  };
}
