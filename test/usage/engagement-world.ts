import { DAY } from '../../src/platform/clock.ts';

/* A small world of chance, and what its accounts' readings come to when each is worked out one by one. */

interface Contact {
  id: string;
  name: string;
  email: string;
}

interface License {
  seats: number;
  is_trial: boolean;
  support_until: string;
  purchased_on: string;
}

interface Account {
  id: string;
  name: string;
  contacts: Contact[];
  licenses: License[];
  won: { amount_minor: number; close_on: string }[];
}

interface Message {
  type: string;
  userId: string;
  groupId?: string;
  timestamp: string;
  event?: string;
  properties?: { module: string; activeSeconds: number };
  traits?: Record<string, string>;
}

interface User {
  id: string;
  email: string | undefined;
}

export interface World {
  accounts: Account[];
  users: User[];
  messages: Message[];
}

export interface Expected {
  account_id: string;
  people: Record<string, unknown>[];
  [reading: string]: unknown;
}

function chanceFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const dayOf = (now: Date, ago: number) => new Date(now.getTime() - ago * DAY).toISOString().slice(0, 10);

/** Accounts with contacts, licenses and sales; people who use them, some of them contacts, some under two names. */
export function worldOf(seed: number, now: Date): World {
  const chance = chanceFrom(seed);
  const int = (from: number, to: number) => from + Math.floor(chance() * (to - from + 1));
  const many = <T>(most: number, make: (index: number) => T) =>
    Array.from({ length: int(0, most) }, (_, index) => make(index));
  const accounts = Array.from({ length: 7 }, (_, index) => {
    const id = `001${String(seed).padStart(5, '0')}${String(index).padStart(10, '0')}`;
    return {
      id,
      name: `Account ${index}`,
      contacts: many(3, (each) => ({
        id: `003${String(seed).padStart(4, '0')}${String(index * 100 + each).padStart(11, '0')}`,
        name: `Contact ${each}`, email: `c${index}-${each}@x.example`,
      })),
      licenses: many(2, () => ({
        seats: int(1, 4), is_trial: chance() < 0.3, support_until: dayOf(now, int(-50, 50)), purchased_on: dayOf(now, int(0, 400)),
      })),
      won: many(2, () => ({ amount_minor: int(1, 900), close_on: dayOf(now, int(0, 500)) })),
    };
  }); // prettier-ignore
  const users = Array.from({ length: 12 }, (_, index) => {
    const contact = accounts[int(0, 6)]?.contacts[0];
    const email =
      chance() < 0.5 ? contact?.email : chance() < 0.5 ? `shared${int(0, 2)}@y.example` : undefined;
    return { id: `user-${seed}-${index}`, email };
  });
  const messages = users.flatMap((user) => {
    const at = (ago: number) => new Date(now.getTime() - ago * DAY - int(0, 10) * 3_600_000).toISOString();
    const homes = Array.from({ length: int(1, 2) }, () => int(0, 6));
    const told: Message[] =
      user.email === undefined
        ? []
        : [
            {
              type: 'identify',
              userId: user.id,
              timestamp: at(60),
              traits: { email: user.email.toUpperCase() },
            },
          ];
    const done = homes.flatMap((home) =>
      many(40, () => ({
        type: 'track', userId: user.id, timestamp: at(int(0, chance() < 0.5 ? 6 : 45)), event: 'Did something',
        groupId: chance() < 0.2 ? `second name of ${accounts[home]?.id}` : (accounts[home]?.id ?? ''),
        properties: { module: `Module ${int(0, 5)}`, activeSeconds: int(0, 400) },
      })),
    ); // prettier-ignore
    return done.length === 0 ? [] : [...done, ...told];
  });
  const names = accounts.map(({ id }) => ({
    type: 'group', userId: `nobody of ${id}`, groupId: `second name of ${id}`, timestamp: new Date(now.getTime() - 90 * DAY).toISOString(),
    traits: { salesforceId: id },
  })); // prettier-ignore
  return { accounts, users, messages: [...names, ...messages] };
}

interface Deed {
  user: string;
  ago: number;
  module: string;
  seconds: number;
}

/** Each account on its own, by loops. */
export function naively({ accounts, users, messages }: World, now: Date): Expected[] {
  const today = Date.parse(dayOf(now, 0));
  const agoOf = (timestamp: string) => Math.round((today - Date.parse(timestamp.slice(0, 10))) / DAY);
  const dated = (ago: number) => dayOf(now, ago);
  const all = accounts.map((account) => {
    const deeds: Deed[] = messages
      .filter(({ type, groupId }) => type === 'track' && groupId?.endsWith(account.id))
      .map(({ userId, timestamp, properties }) => ({
        user: userId, ago: agoOf(timestamp), module: properties?.module ?? '', seconds: properties?.activeSeconds ?? 0,
      })); // prettier-ignore
    const people = humansOf(account, users, deeds).map((human) => {
      const own = deeds.filter(({ user }) => human.users.includes(user));
      const days = (from: number, to: number) => new Set(own.filter(({ ago }) => ago >= from && ago <= to).map(({ ago }) => ago)).size;
      const active = Math.min(14, days(0, 14));
      return {
        contact_id: human.contact?.id ?? null, email_normalized: human.email ?? null, title: null,
        name: human.contact?.name ?? human.email ?? [...human.users].sort()[0], isUser: human.users.length > 0,
        first_active_on: own.length ? dated(Math.max(...own.map(({ ago }) => ago))) : null,
        last_active_on: own.length ? dated(Math.min(...own.map(({ ago }) => ago))) : null,
        days_active_14: active, days_active_before: days(15, 28),
        actions_14: own.filter(({ ago }) => ago <= 14).length, actions_before: own.filter(({ ago }) => ago > 14 && ago <= 28).length,
        seconds_14: sum(own.filter(({ ago }) => ago <= 14)), modules_14: modules(own),
        frequency: own.length ? frequency(active) : null, engagement: null as number | null,
      };
    }); // prettier-ignore
    return { ...readingsOf(account, deeds, { people, dated }), people: people.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1)) };
  }); // prettier-ignore
  score(all);
  return all;
}

const sum = (deeds: Deed[]) => deeds.reduce((all, { seconds }) => all + seconds, 0);
const modules = (deeds: Deed[]) =>
  new Set(deeds.filter(({ ago }) => ago <= 14).map(({ module }) => module)).size;
const frequency = (days: number) =>
  days >= 9 ? 'daily' : days >= 5 ? 'weekly' : days >= 2 ? 'occasionally' : 'inactive';

interface Human {
  contact: Contact | undefined;
  email: string | undefined;
  users: string[];
}

function humansOf(account: Account, users: User[], deeds: Deed[]): Human[] {
  const humans: Human[] = account.contacts.map((contact) => ({ contact, email: contact.email, users: [] }));
  const members = users
    .map(({ id, email }) => ({ id, email }))
    .concat({ id: `nobody of ${account.id}`, email: undefined })
    .filter(({ id }) => id.startsWith('nobody') || deeds.some(({ user }) => user === id));
  for (const { id, email } of members) {
    const same = email === undefined ? undefined : humans.find((human) => human.email === email);
    if (same) same.users.push(id);
    else humans.push({ contact: undefined, email, users: [id] });
  }
  return humans;
}

/** What licenses and sales alone tell. */
function standingOf(account: Account, dated: (ago: number) => string) {
  const paid = account.licenses.filter(({ is_trial }) => !is_trial);
  const today = dated(0);
  const status = paid.some(({ support_until }) => support_until >= today) ? 'paying'
    : paid.length > 0 ? 'cancelled' : account.licenses.length > 0 ? 'free' : 'unknown'; // prettier-ignore
  const starts = [
    ...paid.map((each) => each.purchased_on),
    ...account.won.map((each) => each.close_on),
  ].sort();
  const since = starts[0] ?? null;
  const stage = { paying: since !== null && since > dated(90) ? 'onboarding' : 'established', cancelled: 'cancelled', free: 'trial', unknown: null }[status]; // prettier-ignore
  const year = account.won.filter(({ close_on }) => close_on > dated(365));
  return {
    status, stage, customer_since: since,
    contract_value_minor: year.length === 0 ? null : year.reduce((all, each) => all + each.amount_minor, 0),
  }; // prettier-ignore
}

interface Gathered {
  people: { days_active_14: number; days_active_before: number }[];
  dated: (ago: number) => string;
}

function readingsOf(account: Account, deeds: Deed[], { people, dated }: Gathered) {
  const standing = standingOf(account, dated);
  const today = dated(0);
  const current = account.licenses.filter(({ support_until }) => support_until >= today);
  const seats = current.length === 0 ? null : current.reduce((all, each) => all + each.seats, 0);
  const known = { ...standing, account_id: account.id, people_known: people.length, seats };
  if (deeds.length === 0) return { ...known, ...untold };
  const first = Math.max(...deeds.map(({ ago }) => ago));
  const within = (from: number, to: number) => deeds.filter(({ ago }) => ago >= from && ago <= to);
  const days = (from: number, to: number) => new Set(within(from, to).map(({ ago }) => ago)).size;
  const own = Math.max(1, Math.min(14, first));
  const full = first === 0 ? within(0, 0) : within(1, 14);
  const active = Math.min(14, days(0, 14));
  const busy = people.filter(({ days_active_14 }) => days_active_14 > 0).length;
  const perDay = full.length / own;
  return {
    ...known, tracked_since: dated(first), last_active_on: dated(Math.min(...deeds.map(({ ago }) => ago))),
    days_active_14: active, days_active_before: days(15, 28), people_active_14: busy,
    people_active_before: people.filter(({ days_active_before }) => days_active_before > 0).length,
    actions_14: within(0, 14).length, actions_before: within(15, 28).length, modules_14: modules(deeds),
    seconds_7: sum(within(0, 7)), seconds_14: sum(within(0, 14)), seconds_before: sum(within(15, 28)),
    actions_per_day: rounded(perDay), minutes_per_day: rounded(Math.round((sum(full) / own) * 1e9) / 1e9 / 60),
    frequency: frequency(active), utilization: seats === null ? null : Math.round((100 * busy) / seats), engagement: null as number | null,
  }; // prettier-ignore
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;

const untold = {
  tracked_since: null, last_active_on: null, days_active_14: null, days_active_before: null, people_active_14: null,
  people_active_before: null, actions_14: null, actions_before: null, modules_14: null, seconds_7: null, seconds_14: null,
  seconds_before: null, actions_per_day: null, minutes_per_day: null, frequency: null, utilization: null, engagement: null,
}; // prettier-ignore

/** The share of the others that do less: of the same status for accounts, of everybody active for people. */
function score(
  all: { status: string; actions_per_day: number | null; engagement: number | null; people: Scored[] }[],
) {
  const share = (own: number, others: number[]) =>
    others.length === 0
      ? 100
      : Math.round((100 * others.filter((other) => other < own).length) / others.length);
  for (const account of all) {
    const own = account.actions_per_day;
    if (own === null) continue;
    const others = all.filter(
      (other) => other !== account && other.status === account.status && other.actions_per_day !== null,
    );
    account.engagement = own < 1 ? 0 : share(own, others.map(({ actions_per_day }) => actions_per_day ?? 0)); // prettier-ignore
  }
  const active = all.flatMap(({ people }) => people).filter(({ days_active_14 }) => days_active_14 > 0);
  for (const one of active)
    one.engagement = share(one.actions_14, active.filter((other) => other !== one).map(({ actions_14 }) => actions_14)); // prettier-ignore
}

interface Scored {
  days_active_14: number;
  actions_14: number;
  engagement: number | null;
}
