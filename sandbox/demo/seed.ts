import { setImmediate } from 'node:timers/promises';

import type pg from 'pg';

import type { Db } from '../database.ts';
import type { Org } from '../salesforce/context.ts';
import { silence } from '../salesforce/events/tables.ts';
import { foundCastCustomer, foundCastPartners, foundResellerClients } from './accounts/cast.ts';
import { introduceContacts } from './accounts/contacts.ts';
import { tellStory } from './accounts/customers.ts';
import { foundFamily } from './accounts/family.ts';
import { foundPartner, networkOf, partnerCounts } from './accounts/partners.ts';
import type { Partner } from './accounts/account.ts';
import { tellPartner } from './accounts/partner-story.ts';
import { hireStaff, readPermissionSets } from './company/hire.ts';
import { printPriceList } from './company/products.ts';
import { addLead } from './leads.ts';
import { moveCases, stageCases, STAGED_CASES } from './load/case-numbers.ts';
import { createLoader } from './load/copy.ts';
import { createFileLoader } from './load/files.ts';
import { takeIds } from './load/ids.ts';
import { buildIndexes, dropIndexes } from './load/indexes.ts';
import { requirePackage } from './load/package.ts';
import { tables, type Table } from './load/tables.ts';
import type { World } from './world.ts';

/** How large the demo is, and what it is made from. */
export interface SeedOptions {
  accounts: number;
  /** The same seed on the same day makes the same org. */
  seed?: number;
  /** Called now and then with how many accounts are in. */
  onProgress?: (done: number) => void;
}

/** What a seeding loaded. */
export interface Seeded {
  accounts: number;
  rows: number;
}

/** From this size on, indexes are built once at the end: about twice as fast. */
const MANY = 3000;
const BATCH = 250;

/**
 * Fills an empty org with a believable software company's business: staff, products, partners, customers in ten locales with
 * their years of sales, licenses and cases, and the named cast. All in one transaction, so it is there whole or not at all, in
 * memory that does not grow with the size. A failure ends the connection, and with it the transaction.
 * @throws Error when the package in `salesforce/` is not deployed.
 */
export async function seedOrg(
  org: Org,
  { accounts, seed = 20_260_401, onProgress }: SeedOptions,
): Promise<Seeded> {
  const client = await org.pool.connect();
  try {
    await client.query('begin');
    await requirePackage(client);
    const seeded = await fill(org, client, { accounts, seed, onProgress: onProgress ?? (() => undefined) });
    await client.query('commit');
    client.release();
    return seeded;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function fill(org: Org, client: pg.PoolClient, options: Required<SeedOptions>): Promise<Seeded> {
  const db: Db = { query: (query, values) => client.query(query as string, values) };
  await client.query(`set local synchronous_commit = off; set local maintenance_work_mem = '128MB'`);
  await client.query(silence);
  const dropped = options.accounts >= MANY ? await dropIndexes(db) : [];
  await stageCases(db);
  const names = Object.keys(tables) as Table[];
  const ids = await takeIds(db, org.catalog, names, ['Rapport_License__c']);
  const loader = createLoader(client, { Case: STAGED_CASES });
  const files = createFileLoader(client);
  const { add } = loader;
  const now = org.clock.now().getTime();
  const hiring = { seed: options.seed, now, add, ids, permissionSets: await readPermissionSets(db) };
  const world: World = {
    seed: options.seed, now, add, ids, staff: hireStaff(hiring), range: printPriceList(hiring), partners: networkOf([]),
    domains: new Set(), files,
  }; // prettier-ignore
  let loading = Promise.resolve(0);
  const flush = () => {
    loading = loading.then(() => files.flush()).then(() => loader.flush());
    return loading;
  };
  const made = await makeAccounts(world, options, flush);
  for (let index = 0; index < Math.round(options.accounts * 0.12); index += 1) addLead(world, index);
  const rows = await flush();
  await moveCases(db);
  await ids.settle();
  await buildIndexes(db, dropped);
  for (const name of names) await db.query(`analyze "${name}"`);
  options.onProgress(made);
  return { accounts: made, rows };
}

/** The cast first, then partners, then families of customers until the number is reached. */
async function makeAccounts(
  world: World,
  { accounts, onProgress }: Required<SeedOptions>,
  flush: () => Promise<number>,
): Promise<number> {
  const pace = keepPace(flush, onProgress);
  const counts = partnerCounts(accounts);
  const ofCast = foundCastPartners(world, Math.min(7, counts.Reseller));
  const partners = [...ofCast];
  for (const kind of ['Distributor', 'Reseller', 'MSP'] as const) {
    for (let index = countOf(partners, kind); index < counts[kind]; index += 1) {
      partners.push(addPartner(world, kind, index, partners));
      await pace(partners.length);
    }
  }
  world.partners = networkOf(partners);
  foundCastCustomer(world);
  const [, reseller] = ofCast;
  const clients = reseller ? Math.min(9, Math.max(2, Math.round(accounts / 50))) : 0;
  if (reseller) foundResellerClients(world, reseller, clients);
  let made = partners.length + 2 + clients;
  for (let index = 0; made < accounts; index += 1) {
    const family = foundFamily(world, index, Math.min(14, accounts - made));
    for (const account of family.accounts) tellStory(world, family.random, account);
    made += family.accounts.length;
    await pace(made);
  }
  return made;
}

const countOf = (partners: readonly Partner[], kind: Partner['kind']): number =>
  partners.filter((partner) => partner.kind === kind).length;

function addPartner(world: World, kind: Partner['kind'], index: number, known: readonly Partner[]): Partner {
  const { account, random, partner } = foundPartner(world, kind, index, known);
  introduceContacts(world, random, account, 2);
  tellPartner(world, random, account);
  return partner;
}

/** Loads one batch while the next is made: PostgreSQL and we are busy at the same time, and never more than two batches wait. */
function keepPace(
  flush: () => Promise<number>,
  onProgress: (done: number) => void,
): (made: number) => Promise<void> {
  let flushedAt = 0;
  let loading: Promise<unknown> = Promise.resolve();
  return async (made) => {
    await setImmediate();
    if (made - flushedAt < BATCH) return;
    await loading;
    onProgress(flushedAt);
    flushedAt = made;
    loading = flush();
    loading.catch(() => undefined);
  };
}
