import type { Condition, Rule } from '../../src/rules/rules.ts';

import { dayFrom, type World } from './world.ts';

/*
 * What a rule means, a second time: one row at a time, in memory, without SQL. True, false, or null where it is not known.
 */
export type Truth = boolean | null;
type Row = Record<string, unknown>;
type Value = string | number | boolean | string[] | null;

export function holds(rule: Rule, row: Row, world: World): Truth {
  if ('all' in rule) return least(rule.all.map((part) => holds(part, row, world)));
  if ('any' in rule) return negated(least(rule.any.map((part) => negated(holds(part, row, world)))));
  if ('not' in rule) return negated(holds(rule.not, row, world));
  return compared(valueOf(rule, row, world), rule, world.today);
}

const negated = (truth: Truth): Truth => (truth === null ? null : !truth);

function least(parts: readonly Truth[]): Truth {
  if (parts.some((part) => part === false)) return false;
  return parts.some((part) => part === null) ? null : true;
}

/* Comparing */

function compared(value: Value, { op, value: operand, field }: Condition, today: string): Truth {
  if (Array.isArray(value)) return tagged(value, op, [operand].flat() as string[]);
  if (op === 'known') return value !== null;
  if (op === 'unknown') return value === null;
  if (value === null) return null;
  if (typeof value === 'string' && isDay(field)) return dated(value, op, operand, today);
  if (typeof value === 'string') return texted(value, op, [operand].flat().map(String), isChoice(field));
  if (typeof value === 'boolean') return value === operand;
  return numbered(value, op, [operand].flat().map(Number));
}

function tagged(value: readonly string[], op: string, wanted: readonly string[]): boolean {
  const found = wanted.filter((each) => value.includes(each)).length;
  switch (op) {
    case 'known':
      return value.length > 0;
    case 'unknown':
      return value.length === 0;
    case 'hasAny':
      return found > 0;
    case 'hasAll':
      return found === wanted.length;
    default:
      return found === 0;
  }
}

function texted(value: string, op: string, wanted: readonly string[], isExact: boolean): boolean {
  const same = (text: string) => (isExact ? text : text.toLowerCase());
  const [first = ''] = wanted;
  switch (op) {
    case 'is':
      return wanted.map(same).includes(same(value));
    case 'isNot':
      return !wanted.map(same).includes(same(value));
    case 'contains':
      return same(value).includes(same(first));
    case 'containsNot':
      return !same(value).includes(same(first));
    default:
      return same(value).startsWith(same(first));
  }
}

function numbered(value: number, op: string, [first = 0, second = 0]: readonly number[]): boolean {
  switch (op) {
    case 'atLeast':
      return value >= first;
    case 'atMost':
      return value <= first;
    case 'moreThan':
      return value > first;
    case 'lessThan':
      return value < first;
    case 'is':
      return value === first;
    case 'isNot':
      return value !== first;
    default:
      return value >= first && value <= second;
  }
}

function dated(value: string, op: string, operand: unknown, today: string): boolean {
  const [first = '', second = ''] = [operand].flat().map(String);
  const days = Number(operand);
  const answers: Record<string, () => boolean> = {
    withinPast: () => value >= dayFrom(-days, today) && value <= today,
    withinNext: () => value >= today && value <= dayFrom(days, today),
    moreThanAgo: () => value < dayFrom(-days, today),
    moreThanAhead: () => value > dayFrom(days, today),
    on: () => value === first,
    before: () => value < first,
    after: () => value > first,
    between: () => value >= first && value <= second,
  };
  return answers[op]!();
}

const isDay = (field: string) => /On$|Until$|Since$|Renewed__c$/.test(field);
const choices = new Set([
  'account.type', 'account.industry', 'account.country', 'account.owner', 'account.manager', 'account.status', 'account.stage', 'account.frequency', 'person.frequency',
  'license.product', 'license.family', 'license.edition', 'license.status', 'opportunity.type', 'opportunity.stage', 'opportunity.owner',
  'case.status', 'case.priority', 'case.type', 'case.origin',
]); // prettier-ignore
const isChoice = (field: string) => choices.has(field);

/* What a field is */

function valueOf({ field, with: given = {} }: Condition, row: Row, world: World): Value {
  const [entity = '', ...names] = field.split('.');
  const name = names.join('.');
  const { where } = given;
  const those: Filter = (rows) =>
    rows.filter((each) => typeof where !== 'object' || holds(where, each, world) === true);
  const values: Record<string, () => Value> = {
    account: () => ofAccount(name, accountOf(row, world), world, those),
    usage: () => used(name, given, accountOf(row, world), { world }),
    personUsage: () =>
      used(name, given, accountOf(row, world), { world, person: row.usage_person as number | null }),
    person: () =>
      name === 'isFirstOfKind'
        ? isFirstOfKind((given as Given).kind, row, world)
        : ofPerson(name, row, world, those),
    license: () => ofLicense(name, row, world),
    opportunity: () => ofOpportunity(name, row),
    case: () => ofCase(name, row, world),
  };
  return values[entity]!();
}

interface Given {
  action?: string;
  module?: string;
  days?: number;
  of?: string;
  kind?: string;
}

/** A person's account, or the account itself. */
const accountOf = (row: Row, { accounts }: World): Row =>
  'account_id' in row ? accounts.find(({ id }) => id === row.account_id)! : row;

const isThere = (row: Row): boolean => row.deleted_at === null;
const cents = (minor: unknown): number | null => (minor === null ? null : Number(minor) / 100);
const day = (moment: unknown): string | null => (typeof moment === 'string' ? moment.slice(0, 10) : null);
const daysBetween = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
const plain = (value: unknown): Value => (value ?? null) as Value;

type Filter = (rows: readonly Row[]) => Row[];
const sum = (rows: readonly Row[], name: string) =>
  rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
const first = (days: (string | null)[]): string | null =>
  days.filter((each) => each !== null).sort()[0] ?? null;
const last = (days: (string | null)[]): string | null =>
  days
    .filter((each) => each !== null)
    .sort()
    .at(-1) ?? null;

const columns: Record<string, string> = {
  name: 'name', type: 'type', industry: 'industry', employees: 'employees', country: 'billing_country', city: 'billing_city',
  website: 'website', phone: 'phone', state: 'billing_state', postalCode: 'billing_postal_code', owner: 'owner_id', lastActivityOn: 'last_activity_on',
}; // prettier-ignore
const engaged: Record<string, string> = {
  status: 'status', stage: 'stage', customerSince: 'customer_since', engagement: 'engagement', frequency: 'frequency', trackedSince: 'tracked_since',
  lastActiveOn: 'last_active_on', daysActive: 'days_active_14', peopleActive: 'people_active_14', modulesUsed: 'modules_14',
  actionsPerDay: 'actions_per_day', seats: 'seats', utilization: 'utilization',
}; // prettier-ignore

function ofAccount(name: string, account: Row, world: World, those: Filter): Value {
  if (name in columns) return plain(account[columns[name]!]);
  const engagement = world.engagement.find(({ account_id }) => account_id === account.id);
  if (name in engaged) return plain(engagement?.[engaged[name]!]);
  if (name.startsWith('attributes.')) return attribute(name.slice('attributes.'.length), account);
  const values: Record<string, () => Value> = {
    manager: () => plain(account.success_manager_id ?? account.owner_id),
    annualRevenue: () => cents(account.annual_revenue_minor),
    createdOn: () => day(account.created_at),
    contractValue: () => cents(engagement?.contract_value_minor ?? null),
    people: () => those(world.people.filter((each) => each.account_id === account.id)).length,
  };
  return (
    values[name]?.() ??
    (name in values
      ? null
      : (ofRelatives(name, account, world, those) ?? ofRecords(name, account, world, those)))
  );
}

function attribute(name: string, { attributes }: Row): Value {
  const value = (attributes as Row)[name];
  if (name === 'Topics__c') return typeof value === 'string' ? value.split(';') : [];
  if (name === 'Score__c') return typeof value === 'number' ? value : null;
  return plain(value);
}

function ofRelatives(name: string, account: Row, { accounts }: World, those: Filter): number | undefined {
  const alive = accounts.filter(isThere);
  const byId = (id: unknown) => alive.filter((each) => each.id === id);
  const below = (of: Row) => alive.filter(({ parent_id }) => parent_id === of.id);
  const above = (of: Row) => byId(of.parent_id);
  const relatives: Record<string, () => Row[]> = {
    parents: () => above(account),
    ancestors: () => reached(account, above),
    children: () => below(account),
    descendants: () => reached(account, below),
    distributors: () => byId(account.distributor_id),
    partners: () => byId(account.partner_id),
    distributed: () => alive.filter(({ distributor_id }) => distributor_id === account.id),
    partnered: () => alive.filter(({ partner_id }) => partner_id === account.id),
  };
  const found = relatives[name]?.();
  return found === undefined ? undefined : those(found).length;
}

/** All that can be reached by steps, without where it began. */
function reached(from: Row, step: (row: Row) => Row[]): Row[] {
  const found = new Set<Row>();
  const waiting = [...step(from)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    if (!found.has(next)) {
      found.add(next);
      waiting.push(...step(next));
    }
  found.delete(from);
  return [...found];
}

function ofRecords(name: string, { id }: Row, world: World, those: Filter): Value {
  const { today } = world;
  const own = (rows: readonly Row[]) => rows.filter((row) => row.account_id === id && isThere(row));
  const licenses = () => those(own(world.licenses).filter(({ kind }) => kind !== 'Channel Code'));
  const deals = () => those(own(world.opportunities));
  const open = () => own(world.cases).filter(({ is_closed }) => is_closed === false);
  const values: Record<string, () => Value> = {
    licenses: () => licenses().length,
    licensedSeats: () => sum(licenses(), 'seats'),
    supportUntil: () => last(licenses().map((row) => day(row.support_until))),
    nextRenewalOn: () =>
      first(licenses().filter((row) => !row.is_trial && !['Replaced', 'Revoked'].includes(String(row.status)))
        .map((row) => day(row.support_until)).filter((each) => each !== null && each >= today)),
    opportunities: () => deals().length,
    opportunityAmount: () => sum(deals(), 'amount_minor') / 100,
    nextCloseOn: () => first(deals().filter((row) => !row.is_closed).map((row) => day(row.close_on)).filter((each) => each !== null && each >= today)),
    lastWonOn: () => last(deals().filter((row) => row.is_won).map((row) => day(row.close_on)).filter((each) => each !== null && each <= today)),
    cases: () => those(own(world.cases)).length,
    openCases: () => open().length,
    urgentCases: () => open().filter(({ priority }) => ['High', 'Urgent', 'Critical'].includes(String(priority))).length,
    oldestCaseAge: () => {
      const oldest = first(open().map((row) => day(row.created_at)));
      return oldest === null ? null : daysBetween(oldest, today);
    },
    lastCaseOn: () => last(own(world.cases).map((row) => day(row.created_at))),
  };
  const value = values[name];
  if (value === undefined) throw new Error(`nobody said what account.${name} is`);
  return value();
} // prettier-ignore

function ofPerson(name: string, person: Row, world: World, those: Filter): Value {
  const contact = world.contacts.find(({ id }) => id === person.contact_id);
  const known = contact !== undefined && isThere(contact) ? contact : undefined;
  const values: Record<string, () => unknown> = {
    name: () => person.name,
    title: () => person.title,
    email: () => person.email_normalized,
    isContact: () => person.contact_id !== null,
    isUser: () => person.usage_person !== null,
    engagement: () => person.engagement,
    frequency: () => person.frequency,
    firstActiveOn: () => person.first_active_on,
    lastActiveOn: () => person.last_active_on,
    daysActive: () => person.days_active_14,
    place: () => placeOf(person, world),
    department: () => known?.department,
    phone: () => known?.phone,
    locale: () => known?.locale,
    isBeta: () => known?.is_beta,
    roles: () => rolesOf(person, world),
    cases: () =>
      those(world.cases.filter((row) => isThere(row) && row.contact_id !== null && row.contact_id === person.contact_id && row.account_id === person.account_id)).length,
  };
  const value = values[name];
  if (value === undefined) throw new Error(`nobody said what person.${name} is`);
  return plain(value());
} // prettier-ignore

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function placeOf(person: Row, { people }: World): number | null {
  const before = (one: Row, other: Row): boolean => {
    if (one.days_active_14 !== other.days_active_14) return Number(one.days_active_14) > Number(other.days_active_14);
    const [mine, theirs] = [one, other].map(({ last_active_on }) => textOf(last_active_on));
    return mine === theirs ? Number(one.id) < Number(other.id) : textOf(mine) > textOf(theirs);
  };
  const reachable = people.filter((each) => each.account_id === person.account_id && each.email_normalized !== null);
  return reachable.includes(person) ? 1 + reachable.filter((each) => before(each, person)).length : null;
} // prettier-ignore

function isFirstOfKind(by = '', person: Row, { people, contacts, usagePeople }: World): boolean | null {
  const kindOf = (each: Row): string => {
    const contact = contacts.find((row) => row.id === each.contact_id && isThere(row));
    const user = usagePeople.find(({ id }) => id === each.usage_person);
    const role = (user?.traits as Row | undefined)?.role;
    const kinds: Row = { department: contact?.department, title: contact?.title, role };
    return textOf(kinds[by]).trim().toLowerCase();
  };
  const users = people.filter((each) => each.account_id === person.account_id && each.first_active_on !== null);
  if (kindOf(person) === '' || !users.includes(person)) return null;
  const began = (each: Row) => String(each.first_active_on);
  const alike = users.filter((each) => kindOf(each) === kindOf(person));
  const isAfter = (each: Row) => began(person) > began(each) || (began(person) === began(each) && Number(person.id) > Number(each.id));
  return users.some((each) => began(each) < began(person)) && !alike.some((each) => each !== person && isAfter(each));
} // prettier-ignore

const rolesOf = (person: Row, { relations }: World): string[] =>
  relations
    .filter((row) => isThere(row) && row.is_active === true && row.contact_id === person.contact_id && row.account_id === person.account_id)
    .flatMap(({ roles }) => roles as string[]); // prettier-ignore

function ofLicense(name: string, row: Row, { products, today }: World): Value {
  const product = products.find(({ id }) => id === row.product_id);
  const values: Record<string, unknown> = {
    product: product?.name,
    family: product?.family,
    edition: row.edition,
    version: row.version,
    status: row.status,
    seats: row.seats,
    isTrial: row.is_trial,
    purchasedOn: row.purchased_on,
    supportUntil: row.support_until,
    daysLeft: typeof row.support_until === 'string' ? daysBetween(today, row.support_until) : null,
  };
  if (!(name in values)) throw new Error(`nobody said what license.${name} is`);
  return plain(values[name]);
}

function ofOpportunity(name: string, row: Row): Value {
  const values: Record<string, unknown> = {
    name: row.name,
    type: row.type,
    stage: row.stage,
    isClosed: row.is_closed,
    isWon: row.is_won,
    amount: cents(row.amount_minor),
    closeOn: row.close_on,
    createdOn: day(row.created_at),
    owner: row.owner_id,
  };
  if (!(name in values)) throw new Error(`nobody said what opportunity.${name} is`);
  return plain(values[name]);
}

function ofCase(name: string, row: Row, { today }: World): Value {
  const values: Record<string, unknown> = {
    subject: row.subject,
    status: row.status,
    priority: row.priority,
    type: row.type,
    origin: row.origin,
    isOpen: row.is_closed === false,
    isUrgent: ['High', 'Urgent', 'Critical'].includes(String(row.priority)),
    age: daysBetween(String(day(row.created_at)), today),
    createdOn: day(row.created_at),
    closedOn: day(row.closed_at),
  };
  if (!(name in values)) throw new Error(`nobody said what case.${name} is`);
  return plain(values[name]);
}

/* Use */

function used(
  name: string,
  given: Given,
  account: Row,
  { world, person }: { world: World; person?: number | null },
): Value {
  const rows = usedRows(given, account, { world, person });
  const turn = turns[name];
  if (turn !== undefined) return turn(rows, { given, world, all: usedRows({}, account, { world, person }) });
  const tracked = world.engagement.find(({ account_id }) => account_id === account.id)?.tracked_since;
  if (typeof tracked !== 'string') return null;
  if (name === 'change' || name === 'fall')
    return changed(name, given, rows, { tracked, today: world.today });
  const measure = { times: 'actions', minutes: 'time' }[name] ?? name;
  return amount(measure, given.days === undefined ? rows : since(given.days, rows, world.today));
}

const daysOf = (rows: readonly Row[]): string[] => rows.map((row) => String(row.day));

interface Turn {
  given: Given;
  world: World;
  /** Whatever else they did. */
  all: readonly Row[];
}

/** What is asked of an account that nothing was ever told of, too: it is not known then. */
const turns: Record<string, (rows: readonly Row[], turn: Turn) => string | number | null> = {
  firstOn: (rows) => first(daysOf(rows)),
  lastOn: (rows) => last(daysOf(rows)),
  pause: (rows, { given, world }) => pauseIn(rows, dayFrom(-(given.days ?? 14), world.today)),
  daysAfterFirst: (rows, { all }) => daysAfterFirst(rows, all),
  releasedOn: (_, { given, world }) =>
    first(daysOf(world.usageDays.filter(({ module }) => module === given.module)).filter((day) => day <= world.today)),
}; // prettier-ignore

function pauseIn(rows: readonly Row[], since: string): number | null {
  const days = rows.map((row) => String(row.day));
  const [back, gone] = [first(days.filter((each) => each >= since)), last(days.filter((each) => each < since))];
  return back === null || gone === null ? null : daysBetween(gone, back) - 1;
} // prettier-ignore

function daysAfterFirst(rows: readonly Row[], all: readonly Row[]): number | null {
  const begun = first(rows.map((row) => String(row.day)));
  if (begun === null) return null;
  return new Set(all.map((row) => String(row.day)).filter((each) => each > begun)).size;
}

const since = (days: number, rows: readonly Row[], today: string): Row[] =>
  rows.filter((row) => String(row.day) >= dayFrom(-days, today));

function usedRows(
  { action, module }: Given,
  account: Row,
  { world, person }: { world: World; person: number | null | undefined },
): Row[] {
  const own = world.usageAccounts.filter(({ account_id }) => account_id === account.id).map(({ id }) => id);
  const isAsked = (row: Row) =>
    (action === undefined || row.action === action) &&
    (module === undefined || row.module === module) &&
    (person === undefined || row.person === person);
  return world.usageDays.filter(
    (row) => own.includes(row.usage_account) && String(row.day) <= world.today && isAsked(row),
  );
}

function changed(
  name: 'change' | 'fall',
  { days = 14, of = 'actions' }: Given,
  rows: readonly Row[],
  { tracked, today }: { tracked: string; today: string },
): number | null {
  const now = since(days, rows, today);
  const base = amount(of, since(2 * days, rows, today).filter((row) => !now.includes(row))); // prettier-ignore
  if (base === 0 || tracked > dayFrom(-2 * days, today)) return null;
  const percent = (100 * (amount(of, now) - base)) / base;
  return name === 'fall' ? -percent : percent;
}

function amount(of: string, rows: readonly Row[]): number {
  const different = (name: string) => new Set(rows.map((row) => row[name])).size;
  switch (of) {
    case 'actions':
      return sum(rows, 'events');
    case 'time':
      return sum(rows, 'seconds') / 60;
    case 'people':
      return new Set(rows.map(({ person }) => person).filter((each) => Number(each) > 0)).size;
    default:
      return different('day');
  }
}
