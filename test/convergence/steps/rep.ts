import { wholeSeconds } from '../../../sandbox/clock.ts';
import { deleteRecords, purgeRecords, undeleteRecords } from '../../../sandbox/salesforce/records/delete.ts';
import { idOf } from '../../../sandbox/salesforce/records/ids.ts';
import { mergeRecords } from '../../../sandbox/salesforce/records/merge.ts';
import { createRecords, updateRecords } from '../../../sandbox/salesforce/records/save.ts';

import { type Kinds, picked, typed } from './step.ts';

import type { World } from '../world.ts';

/** Values that anybody may type, and picklists where one value is often set again. */
const fields: Record<string, Record<string, readonly string[] | 'text'>> = {
  Case: {
    Subject: 'text',
    Description: 'text',
    Status: ['New', 'Working', 'Escalated', 'Closed'],
    Priority: ['High', 'Medium', 'Low'],
  },
  Contact: { Title: 'text', Phone: 'text', LastName: 'text' },
  Account: { Name: 'text', Phone: 'text', Fax: 'text' },
  Opportunity: { Name: 'text', StageName: ['Prospecting', 'Closed Won', 'Closed Lost'] },
};

type Id = string | undefined;

/** Ids of an object's rows, deleted ones or those that are not. */
async function idsOf(world: World, sobject: string, state: 'deleted' | 'there' = 'there'): Promise<string[]> {
  const { rows } = await world.org.pool.query(
    `select "Id" from sandbox."${sobject}" where "IsDeleted" = $1 order by "Id"`,
    [state === 'deleted'],
  );
  return (rows as { Id: string }[]).map(({ Id }) => Id);
}

async function one(world: World, sobject: string, n: number, state?: 'deleted'): Promise<Id> {
  return picked(await idsOf(world, sobject, state), n);
}

async function edit(world: World, sobject: string, [which, field, value]: readonly number[]): Promise<void> {
  const Id = await one(world, sobject, which ?? 0);
  const [name, values] = picked(Object.entries(fields[sobject] ?? {}), field ?? 0) ?? ['Name', 'text'];
  const text = values === 'text' ? typed(world, name) : picked(values, value ?? 0);
  if (Id !== undefined) await updateRecords(world.rep, sobject, [{ Id, [name]: text }]);
}

/** Somebody in Salesforce at work, beside the API and its faults. */
export const repKinds: Kinds = {
  'edit a case': { weight: 8, run: (world, n) => edit(world, 'Case', n) },
  'edit a contact': { weight: 4, run: (world, n) => edit(world, 'Contact', n) },
  'edit an account': { weight: 4, run: (world, n) => edit(world, 'Account', n) },
  'edit an opportunity': { weight: 1, run: (world, n) => edit(world, 'Opportunity', n) },
  'create a case': {
    weight: 3,
    async run(world, [account]) {
      const AccountId = await one(world, 'Account', account);
      await createRecords(world.rep, 'Case', [
        { Subject: typed(world, 'Subject'), AccountId, Status: 'New' },
      ]);
    },
  },
  'create a contact': {
    weight: 2,
    async run(world, [account]) {
      const AccountId = await one(world, 'Account', account);
      await createRecords(world.rep, 'Contact', [{ LastName: typed(world, 'LastName'), AccountId }]);
    },
  },
  'comment on a case': {
    weight: 4,
    async run(world, [which, published]) {
      const ParentId = await one(world, 'Case', which);
      const comment = { ParentId, CommentBody: typed(world, 'Comment'), IsPublished: published < 0.7 };
      if (ParentId !== undefined) await createRecords(world.rep, 'CaseComment', [comment]);
    },
  },
  'move a case to another account': {
    weight: 2,
    async run(world, [which, account]) {
      const Id = await one(world, 'Case', which);
      const AccountId = await one(world, 'Account', account);
      if (Id !== undefined) await updateRecords(world.rep, 'Case', [{ Id, AccountId }]);
    },
  },
  'move a contact to another account': {
    weight: 2,
    async run(world, [which, account]) {
      const Id = await one(world, 'Contact', which);
      const AccountId = await one(world, 'Account', account);
      if (Id !== undefined) await updateRecords(world.rep, 'Contact', [{ Id, AccountId }]);
    },
  },
  'delete something': {
    weight: 4,
    async run(world, [what, which]) {
      const sobject =
        picked(['Case', 'Case', 'Contact', 'CaseComment', 'Account', 'Opportunity'], what) ?? '';
      const Id = await one(world, sobject, which);
      if (Id !== undefined) await deleteRecords(world.rep, [Id]);
    },
  },
  'restore something': {
    weight: 3,
    async run(world, [what, which]) {
      const sobject = picked(['Case', 'Case', 'Contact', 'CaseComment', 'Account'], what) ?? '';
      const Id = await one(world, sobject, which, 'deleted');
      if (Id !== undefined) await undeleteRecords(world.rep, [Id]);
    },
  },
  'delete something for good': {
    weight: 1,
    async run(world, [what, which]) {
      const sobject = picked(['Case', 'Contact', 'CaseComment'], what) ?? '';
      const Id = await one(world, sobject, which, 'deleted');
      if (Id === undefined) return;
      await purgeRecords(world.rep, [Id]);
      world.hasGaps = true;
    },
  },
  'merge two records': {
    weight: 3,
    async run(world, [what, master, other]) {
      const sobject = picked(['Account', 'Contact', 'Case'], what) ?? '';
      const [masterId, loserId] = [await one(world, sobject, master), await one(world, sobject, other)];
      if (masterId === undefined || loserId === undefined || masterId === loserId) return;
      await mergeRecords(world.rep, { sobject, masterId, values: {}, loserIds: [loserId] });
    },
  },
  'import many accounts at once': {
    weight: 1,
    async run(world, [rarely]) {
      if (rarely < 0.15) await importAccounts(world, MANY);
    },
  },
  'write a row that becomes visible late': { weight: 3, run: late },
};

/** A transaction that took so long that its rows carry a time up to two minutes before they can be seen. */
async function late(world: World, [what, which, delay]: readonly [number, number, number]): Promise<void> {
  const sobject = picked(['Case', 'Contact', 'Account', 'CaseComment'], what) ?? '';
  const Id = await one(world, sobject, which);
  if (Id === undefined) return;
  const name =
    { Case: 'Subject', Contact: 'Title', Account: 'Name', CaseComment: 'IsPublished' }[sobject] ?? '';
  const at = new Date(world.org.clock.now().getTime() - delay * 110_000);
  await world.org.pool.query(
    `update sandbox."${sobject}" set "${name}" = $2, "LastModifiedById" = $3,
       "SystemModstamp" = greatest(date_trunc('second', $4::timestamptz), "SystemModstamp" + interval '1 second'),
       "LastModifiedDate" = greatest(date_trunc('second', $4::timestamptz), "SystemModstamp" + interval '1 second')
     where "Id" = $1 and "SystemModstamp" + interval '1 second' < $5`,
    [
      Id,
      name === 'IsPublished' ? delay < 0.5 : typed(world, name),
      world.rep.user.id,
      at,
      world.org.clock.now(),
    ],
  );
}

/** More than a page and more than the Bulk API's threshold, all of one second. */
const MANY = 2_050;

/** So many accounts that a program wrote within one second, beside the API. */
export async function importAccounts(world: World, many: number, hoursAgo = 0): Promise<void> {
  const at = wholeSeconds(new Date(world.org.clock.now().getTime() - hoursAgo * 3_600_000));
  const ids = Array.from({ length: many }, (_, i) => idOf('001', 9_000_000 + i));
  await world.org.pool.query(
    `insert into sandbox."Account" ("Id", "Name", "OwnerId", "CreatedById", "LastModifiedById", "CreatedDate", "LastModifiedDate", "SystemModstamp")
     select id, 'Imported ' || id, $2, $2, $2, $3, $3, $3 from unnest($1::text[]) as id on conflict do nothing`,
    [ids, world.rep.user.id, at],
  );
}

/** A few accounts with their people, a case and what was said on it. */
export async function givenOrg(world: World): Promise<void> {
  const names = ['Halden Freight', 'Northgate Logistics', 'Oslo Marine'];
  await createRecords(world.rep, 'Account', names.map((Name) => ({ Name }))); // prettier-ignore
  const accounts = await idsOf(world, 'Account');
  const contacts = accounts.map((AccountId, i) => ({ AccountId, LastName: `Okafor ${String(i)}` }));
  await createRecords(world.rep, 'Contact', contacts);
  const cases = accounts.slice(0, 2).map((AccountId, i) => ({
    AccountId,
    Subject: `Restore fails ${String(i)}`,
    Status: 'New',
  }));
  await createRecords(world.rep, 'Case', cases);
  const [ParentId] = await idsOf(world, 'Case');
  await createRecords(world.rep, 'CaseComment', [
    { ParentId, CommentBody: 'Which version?', IsPublished: true },
  ]);
  const opportunity = {
    AccountId: accounts[0],
    Name: 'Support',
    StageName: 'Prospecting',
    CloseDate: '2027-01-31',
  };
  await createRecords(world.rep, 'Opportunity', [opportunity]);
}
