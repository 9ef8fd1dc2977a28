import type { DemoAccount } from './accounts/account.ts';
import { DAY, HOUR, isoDate, isoMoment } from './dates.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

const calls = [
  [
    'Call: how the rollout is going',
    'Went well. They ask for a second console for the new site; I sent the guide.',
  ],
  ['Call: renewal', 'Renewal is in the budget. Purchase order expected by the end of the month.'],
  [
    'Call: introduction to the new IT manager',
    'Friendly, came from a competitor and compares. Send the reference list.',
  ],
  ['Email: answers on the quote', 'Sent terms and the comparison of editions.'],
  ['Call: upgrade questions', 'They want to wait for the first maintenance release.'],
] as const;
const plans = ['Follow up on the quote', 'Check in after the upgrade', 'Prepare the renewal', 'Send the case study', 'Ask for a reference'] as const; // prettier-ignore

/** Calls and mails that were, meetings, and what is still to do. Moves the account's last activity. */
export function addActivities(world: World, random: Random, account: DemoAccount, atMost: number): void {
  for (let left = random.int(0, atMost); left > 0; left -= 1) logCall(world, random, account);
  if (random.chance(0.35)) planTask(world, random, account);
  if (random.chance(0.25)) addMeeting(world, random, account);
}

function logCall(world: World, random: Random, account: DemoAccount): void {
  const [Subject, Description] = random.pick(calls);
  const at = Math.max(
    account.createdAt,
    world.now - Math.round(random.next() ** 2 * 500) * DAY - random.int(1, 20) * HOUR,
  );
  const isCall = Subject.startsWith('Call');
  account.lastActivityAt = Math.max(account.lastActivityAt ?? 0, at);
  world.add('Task', {
    Id: world.ids.next('Task'),
    WhoId: account.contacts[0]?.id,
    WhatId: account.id,
    Subject,
    ActivityDate: isoDate(at),
    Status: 'Completed',
    Priority: 'Normal',
    OwnerId: account.owner.id,
    Description,
    AccountId: account.id,
    TaskSubtype: isCall ? 'Call' : 'Email',
    CompletedDateTime: isoMoment(at),
    CallType: isCall ? 'Outbound' : undefined,
    CallDurationInSeconds: isCall ? random.int(120, 2400) : undefined,
  }, { at, by: account.owner.id }); // prettier-ignore
}

function planTask(world: World, random: Random, account: DemoAccount): void {
  const at = Math.max(account.createdAt, world.now - random.int(1, 12) * DAY);
  world.add('Task', {
    Id: world.ids.next('Task'),
    WhoId: account.contacts[0]?.id,
    WhatId: account.id,
    Subject: random.pick(plans),
    ActivityDate: isoDate(world.now + random.int(-6, 30) * DAY),
    Status: random.pick(['Not Started', 'Not Started', 'In Progress']),
    Priority: random.chance(0.2) ? 'High' : 'Normal',
    OwnerId: account.owner.id,
    AccountId: account.id,
    TaskSubtype: 'Task',
  }, { at, by: account.owner.id }); // prettier-ignore
}

function addMeeting(world: World, random: Random, account: DemoAccount): void {
  const midnight = world.now - (world.now % DAY);
  const startsAt = midnight + random.int(-120, 40) * DAY + random.int(8, 16) * HOUR;
  const madeAt = Math.max(account.createdAt, Math.min(startsAt, world.now) - random.int(1, 14) * DAY);
  if (startsAt < world.now) account.lastActivityAt = Math.max(account.lastActivityAt ?? 0, startsAt);
  world.add('Event', {
    Id: world.ids.next('Event'),
    WhoId: account.contacts[0]?.id,
    WhatId: account.id,
    Subject: random.pick(['Quarterly business review', 'Meeting: plans for next year', 'Demo: Tidewater Monitor', 'Technical workshop']),
    Location: random.pick(['Video call', 'Video call', account.address.city]),
    ActivityDateTime: isoMoment(startsAt),
    ActivityDate: isoDate(startsAt),
    DurationInMinutes: 60,
    StartDateTime: isoMoment(startsAt),
    EndDateTime: isoMoment(startsAt + HOUR),
    AccountId: account.id,
    OwnerId: account.owner.id,
  }, { at: madeAt, by: account.owner.id }); // prettier-ignore
}
