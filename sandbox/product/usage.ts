import { createHash } from 'node:crypto';

import { addMonths, DAY, HOUR } from '../demo/dates.ts';
import { randomFrom, type Random } from '../demo/random.ts';

import {
  ageOf, type Deed, deedsOfTrial, isThereBecauseOf, type Moment, momentOf, newest, NEWEST_SINCE, trialStory, usersIn,
} from './beginnings.ts'; // prettier-ignore
import { deeds, farewells, type Habit, habits, isAtWork } from './habits.ts';

import type { Org } from '../salesforce/context.ts';

/*
 * The vendor's own product, as it is used by the org's customers: what its sensor would send, the same for the same org however
 * often it is asked, so that what is sent twice counts once.
 */

interface User {
  id: string;
  email: string | null;
  name: string;
  department: string | null;
}

interface Account {
  id: string;
  name: string;
  users: User[];
  /** The last day of its paid support, where that is known. */
  supportedUntil: string | null;
  /** The first day with a license of any kind: nobody used the product before. */
  since: string | null;
}

/** An account with what it is in the middle of on the day of the org's making. */
interface Told extends Account {
  trial?: { story: ReturnType<typeof trialStory>; age: number };
  moment?: Moment;
}

const SEED = 20_261;
/** Beyond so many customers a year of usage would take longer to make than the org itself. */
const MOST_ACCOUNTS = 1_200;
const MOST_USERS = 2;
/** Months before the org's making that the newest version came out (demo/company/products.ts). */
const NEWEST_VERSION_MONTHS = 5;

/**
 * What was done in the product from one moment to another, in order of days: messages of the tracking API, one JSON object a line.
 * Accounts and people tell who they are on the first day.
 */
export async function* usageOf(org: Org, { from, to }: { from: Date; to: Date }): AsyncGenerator<string> {
  const today = startOf(org.clock.now().getTime());
  const made = (await madeOn(org)) ?? today;
  const accounts = withStories(await customersOf(org), made);
  for (const account of accounts) yield introductionOf(account, from);
  for (let day = startOf(from.getTime()); day <= to.getTime(); day += DAY) {
    const lines = accounts.flatMap((account) => dayOf(account, { day, today, made }));
    yield lines
      .filter(({ at }) => at >= from.getTime() && at < to.getTime())
      .map(({ line }) => line)
      .join('');
  }
}

/** Accounts that own a license, the cast's first, with some of their people. */
async function customersOf(org: Org): Promise<Account[]> {
  const { rows } = await org.pool.query<Account>(
    `select a."Id" as id, a."Name" as name,
       (select coalesce(json_agg(c), '[]') from (
          select c."Id" as id, c."Email" as email, c."Name" as name, c."Department" as department from "Contact" c
          where c."AccountId" = a."Id" and not c."IsDeleted" order by c."CreatedDate", c."Id" limit 6) c) as users,
       (select to_char(min(l."Rapport_Purchased_On__c"), 'YYYY-MM-DD') from "Rapport_License__c" l
        where l."Rapport_Account__c" = a."Id" and not l."IsDeleted") as since,
       (select to_char(max(l."Rapport_Support_Until__c"), 'YYYY-MM-DD') from "Rapport_License__c" l
        where l."Rapport_Account__c" = a."Id" and not l."Rapport_Trial__c" and not l."IsDeleted") as "supportedUntil"
     from "Account" a
     where not a."IsDeleted" and exists (select from "Rapport_License__c" l where l."Rapport_Account__c" = a."Id")
     order by a."Name" not like 'Halden%', a."Id" limit ${String(MOST_ACCOUNTS)}`,
  );
  return rows;
}

/** The day on which the demo's org was made, by its newest version; undefined of an org without one. */
async function madeOn(org: Org): Promise<number | undefined> {
  const { rows } = await org.pool.query<{ at: string | null }>(
    `select max("CreatedDate") as at from "Product2" where "Rapport_Version__c" is not null and not "IsDeleted"`,
  );
  const released = rows[0]?.at ?? undefined;
  return released === undefined ? undefined : startOf(addMonths(Date.parse(released), NEWEST_VERSION_MONTHS));
}

/** Accounts with their stories: trials of an age take turns, and so do paying customers. */
function withStories(accounts: readonly Account[], made: number): Told[] {
  const places = new Map<number, number>();
  let customers = 0;
  return accounts.map((account) => {
    const { since, supportedUntil, users } = account;
    const age = since === null ? -1 : Math.round((made - Date.parse(since)) / DAY);
    if (supportedUntil !== null) {
      const isSettled = Date.parse(supportedUntil) >= made && age >= 90;
      return inTheMiddle(account, isSettled ? momentOf((customers += 1)) : undefined);
    }
    if (age < 0 || age > TRIAL_DAYS) return inTheMiddle(account, undefined);
    const place = places.get(ageOf(age)) ?? 0;
    places.set(ageOf(age), place + 1);
    const story = trialStory(age, place);
    return { ...account, users: users.slice(0, usersIn[story]), trial: { story, age } };
  });
}

const TRIAL_DAYS = 30;

/** A customer with some of their people; the second is the one whom the moment is about. */
function inTheMiddle(account: Account, moment: Moment | undefined): Told {
  const users = account.users.slice(0, MOST_USERS);
  const [first] = users;
  if (moment === undefined || first === undefined || users.length < 2) return { ...account, users };
  if (moment !== 'otherKind') return { ...account, users, moment };
  const other = account.users.find(({ department }) => department !== first.department);
  return other === undefined ? { ...account, users } : { ...account, users: [first, other], moment };
}

function introductionOf({ id, name, users }: Account, from: Date): string {
  const timestamp = from.toISOString();
  const messages = users.flatMap((user) => [
    { type: 'group', messageId: idOf('group', id, user.id), userId: user.id, groupId: id, timestamp, traits: { name } },
    {
      type: 'identify', messageId: idOf('identify', user.id), userId: user.id, timestamp,
      traits: { name: user.name, ...(user.email === null ? {} : { email: user.email }) },
    },
  ]); // prettier-ignore
  return messages.map((message) => `${JSON.stringify(message)}\n`).join('');
}

interface When {
  day: number;
  today: number;
  /** The day of the org's making. */
  made: number;
}

function dayOf(account: Told, when: When): { at: number; line: string }[] {
  const { day } = when;
  if (account.since !== null && day < Date.parse(account.since)) return [];
  return account.users.flatMap((user, by) => {
    const random = randomFrom(SEED, 'usage', user.id, day / DAY);
    const done = deedsOf(random, { account, by, when });
    if (done.length === 0) return [];
    const startsAt = day + random.int(6, 19) * HOUR + random.int(0, 3_599) * 1_000;
    const seconds = done.length * random.int(90, 600);
    return done.map(([module, event], index) => {
      const at = startsAt + index * random.int(60, 900) * 1_000;
      const activeSeconds = index === done.length - 1 ? seconds : 0;
      const line = JSON.stringify({
        type: 'track', messageId: idOf(user.id, String(day), String(index)), userId: user.id, groupId: account.id, event,
        timestamp: new Date(at).toISOString(), properties: { module, activeSeconds },
      }); // prettier-ignore
      return { at, line: `${line}\n` };
    });
  });
}

interface Somebody {
  account: Told;
  /** Which of its people. */
  by: number;
  when: When;
}

/** What somebody does in the product on a day. */
function deedsOf(random: Random, somebody: Somebody): readonly Deed[] {
  const { account, by, when } = somebody;
  const { day, made } = when;
  if (account.trial !== undefined) {
    const { story, age } = account.trial;
    return deedsOfTrial(random, story, { of: age - Math.round((made - day) / DAY), age, by, at: day });
  }
  if (!isThere(random, somebody)) return [];
  const isFirst = account.moment === 'firstUse' && by === 1 && made - day === 2 * DAY;
  const known = isFirst ? newest : isOut(account, when) ? [...deeds, ...newest] : deeds;
  return Array.from({ length: random.int(1, 4) }, () => random.weighted(known));
}

function isThere(random: Random, { account, by, when }: Somebody): boolean {
  const [habit, turn] = storyOf(account, when.today);
  const usually = isAtWork(random, habit, { ...when, turn });
  if (account.moment === undefined || by !== 1) return usually;
  return isThereBecauseOf(account.moment, Math.round((when.made - when.day) / DAY)) ?? usually;
}

/** Two in five take what comes out as soon as it does. */
const isOut = ({ id, moment }: Told, { day, made }: When): boolean =>
  day >= made - NEWEST_SINCE && moment !== 'firstUse' && randomFrom(SEED, 'newest', id).chance(0.4);

/** Who pays no more has left; of all others chance tells. */
function storyOf(account: Account, today: number): [habit: Habit, turn: number] {
  const story = randomFrom(SEED, 'usage', account.id);
  const ended = account.supportedUntil === null ? today : Date.parse(account.supportedUntil);
  if (ended < today) return [story.weighted(farewells), Math.round((today - ended) / DAY)];
  return [story.weighted(habits), story.int(45, 150)];
}

const startOf = (moment: number) => moment - (moment % DAY);

const idOf = (...parts: string[]) => createHash('sha1').update(parts.join(' ')).digest('base64url');
