import type { StaffViewer } from '../access/viewer.ts';
import { MINUTE } from '../platform/clock.ts';
import { type Db, db } from '../platform/db.ts';
import { Invalid } from '../platform/errors.ts';

import * as queries from './settings.queries.ts';

/** How somebody wants to be told. Hours are those of their own time zone. */
export interface AlertSettings {
  wantsDigest: boolean;
  /** Whether the digest tells of the accounts that they look after, beside those that they follow. */
  wantsOwnAccounts: boolean;
  digestHour: number;
  wantsMail: boolean;
  quietFrom: number | null;
  quietUntil: number | null;
}

export const defaultSettings: AlertSettings = {
  wantsDigest: true,
  wantsOwnAccounts: true,
  digestHour: 8,
  wantsMail: true,
  quietFrom: null,
  quietUntil: null,
};

export async function settingsOf(viewer: Pick<StaffViewer, 'personId'>): Promise<AlertSettings> {
  return await settingsOfPerson(db, viewer.personId);
}

export async function settingsOfPerson(tx: Db, personId: string): Promise<AlertSettings> {
  return (await queries.selectSettings(tx, personId)) ?? defaultSettings;
}

/** @throws Invalid when quiet hours begin and never end. */
export async function changeSettings(viewer: StaffViewer, settings: AlertSettings): Promise<void> {
  const { quietFrom, quietUntil } = settings;
  if ((quietFrom === null) !== (quietUntil === null))
    throw new Invalid({ [quietFrom === null ? 'quietFrom' : 'quietUntil']: 'alerts.errors.quiet' });
  await queries.saveSettings(viewer.personId, settings);
}

/** The calendar day and hour that a clock on the wall of that zone shows; of a zone that nobody knows, UTC. */
export function wallClock(at: Date, timeZone: string): { day: string; hour: number } {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: `${parts.year ?? ''}-${parts.month ?? ''}-${parts.day ?? ''}`,
    hour: Number(parts.hour),
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = makeClock(timeZone) ?? clockOf('UTC');
  if (clocks.size < 1000) clocks.set(timeZone, clock);
  return clock;
}

function makeClock(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}

/** The first moment from `at` on that is not within somebody's quiet hours. Clocks that are put forward or back are counted as they show. */
export function afterQuiet(at: Date, { quietFrom, quietUntil }: AlertSettings, timeZone: string): Date {
  if (quietFrom === null || quietUntil === null || quietFrom === quietUntil) return at;
  const isQuiet = (moment: Date) => {
    const { hour } = wallClock(moment, timeZone);
    return quietFrom < quietUntil
      ? hour >= quietFrom && hour < quietUntil
      : hour >= quietFrom || hour < quietUntil;
  };
  let moment = at;
  for (let steps = 0; isQuiet(moment) && steps < 110; steps += 1)
    moment = new Date((Math.floor(moment.getTime() / QUARTER) + 1) * QUARTER);
  return moment;
}

const QUARTER = 15 * MINUTE;
