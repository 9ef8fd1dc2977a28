import { randomUUID } from 'node:crypto';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { campaignSettings } from '../../src/campaigns/definition/settings.ts';
import { MINUTE, moveClock, now } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { advance } from '../../src/tracks/advancing.ts';
import { activate } from '../../src/tracks/control.queries.ts';
import { enter } from '../../src/tracks/entering.ts';
import { createTrack } from '../../src/tracks/tracks.ts';

/* The product's part of TRACKS: one track, from which a message goes to everybody, who then wait. */

const viewer: StaffViewer = {
  kind: 'staff', personId: randomUUID(), name: 'Bench', email: 'bench@rapport.example', locale: 'en', timeZone: 'UTC', userId: null, roles: ['csm'],
}; // prettier-ignore
const everybody: Rule = { field: 'person.email', op: 'known' };
const wait = (key: string, amount: number) => ({ key, kind: 'wait', span: { amount, unit: 'minutes' } });

/** A track that is active: a message, some minutes, and a long wait. @returns its id */
export async function givenTrack(): Promise<string> {
  const id = await createTrack(viewer, {
    name: 'Bench',
    definition: {
      messageClass: 'marketing',
      topic: 'product-news',
      entry: { kind: 'rule', rule: everybody },
      steps: [
        { key: 'letter', kind: 'send', channel: 'email', messageId: randomUUID() },
        wait('minutes', 10),
        wait('end', 100_000),
      ],
    },
  });
  await transaction((tx) => activate(tx, id, { version: 1, keys: ['letter', 'minutes', 'end'], now: now() }));
  return id;
}

/** Everybody who meets the rule enters. @returns how many */
export const letEnter = async (id: string): Promise<number> =>
  (await enter(id, { rule: everybody, entity: 'person' }, { kind: 'rule' })) ?? 0;

/** As if nobody had ever entered, and PostgreSQL knew it: what it plans for so small a table has to do for half a million people. */
export async function forget(): Promise<void> {
  await sql`truncate track_people, track_counts`.execute(db);
  await sql`analyze track_people`.execute(db);
}

/** What a wave knows before it begins. */
export const known = async () => ({ catalog: await wholeCatalog(), settings: await campaignSettings() });

/** Moves that many of those who are due by one step. @returns how many were moved */
export const move = (id: string, wave: number, before: Awaited<ReturnType<typeof known>>): Promise<number> =>
  advance(id, { wave, ...before });

/** The wait of some minutes is over. */
export const passMinutes = (): void => {
  moveClock(11 * MINUTE);
};

/** How many stand at each step. */
export async function standing(id: string): Promise<Record<string, number>> {
  const { rows } = await sql<{ step: string; count: number }>`
    select step, count(*) from track_people where track_id = ${id} and state = 'in' group by step`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ step, count }) => [step, count]));
}

/** How many people the runs that were begun are about. */
export async function handedOver(id: string): Promise<number> {
  const { rows } = await sql<{ people: number }>`
    select coalesce(sum((fixed #>> '{source,people}')::int), 0) as people from runs where campaign_id = ${id}`.execute(
    db,
  );
  return rows[0]?.people ?? 0;
}

export const end = (): Promise<void> => pool.end();
