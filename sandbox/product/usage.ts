import { createHash } from 'node:crypto';

import { DAY, HOUR } from '../demo/dates.ts';
import { randomFrom } from '../demo/random.ts';

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
}

interface Account {
  id: string;
  name: string;
  users: User[];
  /** The last day of its paid support, where that is known. */
  supportedUntil: string | null;
}

const SEED = 20_261;
/** Beyond so many customers a year of usage would take longer to make than the org itself. */
const MOST_ACCOUNTS = 1_200;
const MOST_USERS = 2;

/**
 * What was done in the product from one moment to another, in order of days: messages of the tracking API, one JSON object a line.
 * Accounts and people tell who they are on the first day.
 */
export async function* usageOf(org: Org, { from, to }: { from: Date; to: Date }): AsyncGenerator<string> {
  const accounts = await customersOf(org);
  const today = startOf(org.clock.now().getTime());
  for (const account of accounts) yield introductionOf(account, from);
  for (let day = startOf(from.getTime()); day <= to.getTime(); day += DAY) {
    const lines = accounts.flatMap((account) => dayOf(account, day, today));
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
          select c."Id" as id, c."Email" as email, c."Name" as name from "Contact" c
          where c."AccountId" = a."Id" and not c."IsDeleted" order by c."CreatedDate", c."Id" limit ${String(MOST_USERS)}) c) as users,
       (select to_char(max(l."Rapport_Support_Until__c"), 'YYYY-MM-DD') from "Rapport_License__c" l
        where l."Rapport_Account__c" = a."Id" and not l."Rapport_Trial__c" and not l."IsDeleted") as "supportedUntil"
     from "Account" a
     where not a."IsDeleted" and exists (select from "Rapport_License__c" l where l."Rapport_Account__c" = a."Id")
     order by a."Name" not like 'Halden%', a."Id" limit ${String(MOST_ACCOUNTS)}`,
  );
  return rows;
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

function dayOf(account: Account, day: number, today: number): { at: number; line: string }[] {
  const [habit, turn] = storyOf(account, today);
  return account.users.flatMap((user) => {
    const random = randomFrom(SEED, 'usage', user.id, day / DAY);
    if (!isAtWork(random, habit, { day, today, turn })) return [];
    const startsAt = day + random.int(6, 19) * HOUR + random.int(0, 3_599) * 1_000;
    const done = random.int(1, 4);
    const seconds = done * random.int(90, 600);
    return Array.from({ length: done }, (_, index) => {
      const at = startsAt + index * random.int(60, 900) * 1_000;
      const [module, event] = random.weighted(deeds);
      const activeSeconds = index === done - 1 ? seconds : 0;
      const line = JSON.stringify({
        type: 'track', messageId: idOf(user.id, String(day), String(index)), userId: user.id, groupId: account.id, event,
        timestamp: new Date(at).toISOString(), properties: { module, activeSeconds },
      }); // prettier-ignore
      return { at, line: `${line}\n` };
    });
  });
}

/** Who pays no more has left; of all others chance tells. */
function storyOf(account: Account, today: number): [habit: Habit, turn: number] {
  const story = randomFrom(SEED, 'usage', account.id);
  const ended = account.supportedUntil === null ? today : Date.parse(account.supportedUntil);
  if (ended < today) return [story.weighted(farewells), Math.round((today - ended) / DAY)];
  return [story.weighted(habits), story.int(45, 150)];
}

const startOf = (moment: number) => moment - (moment % DAY);

const idOf = (...parts: string[]) => createHash('sha1').update(parts.join(' ')).digest('base64url');
