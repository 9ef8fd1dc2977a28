import { type Db, sql } from '../platform/db.ts';
import type { Locale } from '../platform/locale.ts';
import type { Catalog } from '../rules/fields.ts';

import { type Compiled, partOf } from './compiled.ts';
import type { SegmentTable } from './document.ts';
import { catalogs, globalValues } from './merge-fields.ts';
import { type Shown, tableDrawer, type TableRows } from './segment-table.ts';
import { selectAccounts, selectAccountsOf, selectTable } from './segment-table.queries.ts';
import type { Scope } from './slots.ts';
import type { Target } from './values.ts';
import { type Found, LONGEST_VALUE, selectValues } from './values.queries.ts';
import { dayOf, Money } from './values-told.ts';

/** Values that are too long: nothing can be made for whoever has them. */
export class TooLong extends Error {}

/**
 * What templates see of each recipient, looked up for all of them at once, and put together when it is asked for: the young are soon forgotten.
 * Undefined for who is gone, `TooLong` for whom nothing can be made.
 */
export async function scopesOf(
  tx: Db,
  compiled: Compiled,
  targets: readonly Target[],
  asOf: Date,
): Promise<(target: Target) => Scope | TooLong | undefined> {
  const { merge, table } = await catalogs();
  const today = asOf.toISOString().slice(0, 10);
  const asked = { catalog: table, today };
  const people = [...new Set(targets.map(({ personId }) => personId))];
  const fields = compiled.fields.filter((field) => merge.has(field));
  const { found, accounts, tables } = await atOneMoment(tx, async (reading) => {
    const found = await selectValues(reading, people, fields, { catalog: merge, today });
    const accounts = await accountsOf(reading, compiled, people, asked);
    return {
      found,
      accounts,
      tables: await tablesOf(reading, compiled, { targets, found, accounts, asked }),
    };
  });
  const shared = { ...globalValues(), today: dayOf(today) };
  const read = fields.map((name) => ({ name, path: name.split('.'), type: merge.get(name)?.type }));
  return ({ n, personId }) => {
    const row = found.get(personId);
    if (row === undefined) return undefined;
    const scope = scopeOf(shared, read, JSON.parse(row.values) as unknown[]);
    if (scope instanceof TooLong) return scope;
    if (accounts.lists.has(personId)) place(scope, ['person', 'accounts'], accounts.lists.get(personId));
    return Object.assign(scope, tables.get(n));
  };
}

/**
 * Reads as of one moment: what a batch says is of one piece. A batch is looked up row by row through indexes; as PostgreSQL counts by
 * default, it would rather read the whole mirror for a thousand recipients (60 ms instead of 8).
 */
async function atOneMoment<T>(tx: Db, read: (reading: Db) => Promise<T>): Promise<T> {
  if (tx.isTransaction) return await read(tx);
  const transaction = tx.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return await transaction.execute(async (reading) => {
    await sql`set local random_page_cost = 1.1`.execute(reading);
    return await read(reading);
  });
}

interface Read {
  name: string;
  path: readonly string[];
  type: string | undefined;
}

function scopeOf(
  shared: Scope,
  fields: readonly Read[],
  values: readonly unknown[],
): Record<string, unknown> | TooLong {
  const scope: Record<string, unknown> = { ...shared };
  let i = 0;
  for (const { name, path, type } of fields) {
    const value = values[i++];
    if (typeof value === 'string' && value.length > LONGEST_VALUE) return new TooLong(name);
    place(scope, path, typed(value, type));
  }
  return scope;
}

function typed(value: unknown, type: string | undefined): unknown {
  if (typeof value === 'string' && type === 'date') return dayOf(value);
  return typeof value === 'number' && type === 'money' ? new Money(value) : value;
}

/** Puts a value where its path says; objects on the way have no prototype to be reached. */
function place(scope: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path.length - 1;
  let at = scope;
  for (let i = 0; i < last; i += 1) {
    const step = path[i] ?? '';
    at[step] ??= new Bare();
    at = at[step] as Record<string, unknown>;
  }
  at[path[last] ?? ''] = value;
}

/* An object of which nothing but its own can be reached. Object.create(null) makes a hash table, which costs several times as much. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- it has a shape, and nothing else
class Bare {}
Reflect.deleteProperty(Bare.prototype, 'constructor');
Object.setPrototypeOf(Bare.prototype, null);

/** What `{% for account in person.accounts %}` may say of each. */
export const accountListFields = [
  'name', 'type', 'industry', 'country', 'city', 'status', 'stage', 'rank', 'score', 'renewalOn', 'contractValue', 'engagement', 'openCases',
] as const; // prettier-ignore

interface Asked {
  catalog: Catalog;
  today: string;
}

interface Accounts {
  /** The accounts of each person, where they are asked for. */
  ids: ReadonlyMap<number, string[]>;
  lists: ReadonlyMap<number, Scope[]>;
}

async function accountsOf(
  tx: Db,
  compiled: Compiled,
  people: readonly number[],
  asked: Asked,
): Promise<Accounts> {
  const isListed = compiled.listsAccounts;
  const isOfAll = Object.values(compiled.tables).some(({ isOfAllAccounts }) => isOfAllAccounts);
  const ids = isListed || isOfAll ? await selectAccountsOf(tx, people) : new Map<number, string[]>();
  if (!isListed) return { ids, lists: new Map() };
  const fields = accountListFields.map((name) => `account.${name}`);
  const rows = await selectAccounts(tx, [...new Set([...ids.values()].flat())], fields, asked);
  const typeOf = (name: string) => asked.catalog.get(`account.${name}`)?.type;
  const objectOf = (values: readonly unknown[]): Scope =>
    Object.fromEntries(accountListFields.map((name, i) => [name, typed(values[i], typeOf(name))]));
  const listOf = (accountIds: readonly string[]) =>
    accountIds
      .map((id) => rows.get(id))
      .filter((values) => values !== undefined)
      .map(objectOf)
      .toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
  return { ids, lists: new Map([...ids].map(([person, accountIds]) => [person, listOf(accountIds)])) };
}

interface Starting {
  targets: readonly Target[];
  found: ReadonlyMap<number, Found>;
  accounts: Accounts;
  asked: Asked;
}

type Tables = ReadonlyMap<number, { tables: Scope; shown: Scope }>;

/** The tables of each recipient; those who start from the same accounts share one, so that it is looked up and drawn once. */
async function tablesOf(tx: Db, compiled: Compiled, starting: Starting): Promise<Tables> {
  const made = new Map<number, { tables: Record<string, unknown>; shown: Record<string, unknown> }>();
  for (const [name, table] of Object.entries(compiled.tables)) {
    const { groups, groupOf } = groupsOf(table, starting);
    const listed = await rowsOf(tx, table, groups, starting.asked);
    const draw = drawing(table, starting.asked.catalog);
    const drawn = new Map<string, Drawn>();
    for (const target of starting.targets) {
      const k = groupOf.get(target.n) ?? -1;
      const { locale } = partOf(compiled, target.locale, target.variant);
      const data = listed.get(k) ?? { rows: [], total: 0, totals: [] };
      const key = `${locale} ${k}`;
      const each = drawn.get(key) ?? draw(data, locale);
      drawn.set(key, each);
      const own = made.get(target.n) ?? { tables: {}, shown: {} };
      own.tables[name] = each.rows;
      own.shown[name] = each.shown;
      made.set(target.n, own);
    }
  }
  return made;
}

/** The accounts that a table starts from, each combination of them once, and which one is whose. */
function groupsOf({ isOfAllAccounts }: SegmentTable, { targets, found, accounts }: Starting) {
  const numbers = new Map<string, number>();
  const groups: { accountIds: string[] }[] = [];
  const groupOf = new Map<number, number>();
  for (const { n, personId } of targets) {
    const own = found.get(personId)?.accountId;
    const accountIds =
      (isOfAllAccounts ? accounts.ids.get(personId) : undefined) ?? (own === undefined ? [] : [own]);
    const key = accountIds.join(' ');
    const k = numbers.get(key) ?? groups.push({ accountIds }) - 1;
    numbers.set(key, k);
    groupOf.set(n, k);
  }
  return { groups, groupOf };
}

/** What a table lists for each group, by its number. */
export async function rowsOf(
  tx: Db,
  table: SegmentTable,
  groups: readonly { accountIds: string[] }[],
  asked: Asked,
): Promise<Map<number, TableRows>> {
  const types = table.columns.map(({ field }) => asked.catalog.get(field)?.type);
  const read = (cells: readonly unknown[]) => cells.map((cell, i) => typed(cell, types[i]));
  const found = new Map<number, TableRows & { rows: (readonly unknown[])[] }>();
  for (const { k, total, cells, totals } of await selectTable(tx, table, groups, asked)) {
    const data = found.get(k) ?? { rows: [], total, totals: read(totals) };
    data.rows.push(read(cells));
    found.set(k, data);
  }
  return found;
}

interface Drawn {
  /** For templates that go through the rows themselves. */
  rows: Scope[];
  shown: Shown;
}

function drawing(table: SegmentTable, catalog: Catalog): (data: TableRows, locale: Locale) => Drawn {
  const drawers = new Map<Locale, ReturnType<typeof tableDrawer>>();
  const paths = table.columns.map(({ field }) => field.split('.'));
  const rowOf = (cells: readonly unknown[]): Scope => {
    const row = new Bare() as Record<string, unknown>;
    for (const [i, path] of paths.entries()) place(row, path, cells[i]);
    return row;
  };
  return (data, locale) => {
    const drawer = drawers.get(locale) ?? tableDrawer({ table, catalog, locale });
    drawers.set(locale, drawer);
    return { rows: data.rows.map(rowOf), shown: drawer(data) };
  };
}
