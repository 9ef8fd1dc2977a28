import { now } from '../../clock.ts';
import { db } from '../../db.ts';
import { log } from '../../log.ts';

import { type Area, type AreaFindings, areas, checkSetup, type Needs } from './checks.ts';
import './setup-tables.ts';

/** A check that has said nothing for so long ended with its process. */
const SILENCE_MILLISECONDS = 90_000;
const KEPT = 20;

/** The last check as far as it has come. */
export interface SetupCheck {
  state: 'running' | 'done' | 'interrupted';
  startedAt: Date;
  finishedAt: Date | undefined;
  /** What is being looked at. */
  area: Area;
  found: AreaFindings[];
}

/** The newest check; undefined before the first. */
export async function latestSetupCheck(): Promise<SetupCheck | undefined> {
  const row = await db
    .selectFrom('setup_checks')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const isSilent = now().getTime() - row.seen_at.getTime() > SILENCE_MILLISECONDS;
  return {
    state: row.finished_at ? 'done' : isSilent ? 'interrupted' : 'running',
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    area: row.area,
    found: row.findings,
  };
}

/** Begins a check, unless one is under way; it writes down what it finds as it goes on. */
export async function beginSetupCheck(needs: Needs, askedBy: string | null): Promise<void> {
  if ((await latestSetupCheck())?.state === 'running') return;
  const at = now();
  const { id } = await db
    .insertInto('setup_checks')
    .values({
      asked_by: askedBy,
      started_at: at,
      seen_at: at,
      finished_at: null,
      area: areas[0],
      findings: '[]',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .deleteFrom('setup_checks')
    .where('id', '<=', id - KEPT)
    .execute();
  run(id, needs).catch((error: unknown) => { log.error({ err: error }, 'the check of the set-up ended early'); }); // prettier-ignore
}

async function run(id: number, needs: Needs): Promise<void> {
  const found: AreaFindings[] = [];
  for await (const one of checkSetup(needs)) {
    found.push(one);
    const next = areas[areas.indexOf(one.area) + 1] ?? one.area;
    await keep(id, { area: next, seen_at: now(), findings: JSON.stringify(found) });
  }
  await keep(id, { seen_at: now(), finished_at: now() });
}

const keep = (id: number, values: { area?: Area; seen_at: Date; finished_at?: Date; findings?: string }) =>
  db.updateTable('setup_checks').set(values).where('id', '=', id).execute();
