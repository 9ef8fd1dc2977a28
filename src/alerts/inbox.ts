import type { StaffViewer } from '../access/viewer.ts';
import { DAY, HOUR, now } from '../platform/clock.ts';
import { db } from '../platform/db.ts';

import * as queries from './inbox.queries.ts';
import { isKind, type Kind, type Tone, toneOf } from './kinds.ts';
import { toneOfSeed } from './seeds.ts';
import { selectSignalsOf } from './signals.queries.ts';
import type { Signal } from './signals.ts';
import { nameOf, reasonsOf, sentenceOf, speechOf } from './words.ts';

/* Whose inbox it is comes first in every verb: nobody reads or settles another's. */

/** One line of an inbox. */
export interface InboxAlert {
  id: number;
  ruleId: string;
  code: string | null;
  name: string;
  trigger: Kind;
  signals: number;
  raisedAt: Date;
  acknowledgedAt: Date | null;
  snoozedUntil: Date | null;
  /** The first of its signals; the rest is on its page. */
  items: Signal[];
}

export const inboxStates = ['open', 'snoozed', 'done'] as const;
export type InboxState = (typeof inboxStates)[number];

export interface InboxFilter {
  state: InboxState;
  ruleId?: string | undefined;
  trigger?: Kind | undefined;
}

export const ALERTS_A_PAGE = 25;

export async function inboxOf(
  viewer: StaffViewer,
  filter: InboxFilter,
  page: number,
): Promise<{ alerts: InboxAlert[]; total: number }> {
  const at = { limit: ALERTS_A_PAGE, offset: (page - 1) * ALERTS_A_PAGE };
  return await queries.selectInbox(viewer.personId, { ...filter, at: now() }, at);
}

/** The rules that ever told the viewer something, to filter by. */
export const rulesInInbox = (viewer: StaffViewer) => queries.selectRulesOf(viewer.personId);

/** How many alerts wait in the viewer's inbox, and the newest one's number: what the page asks for again and again. */
export const unread = (viewer: StaffViewer) => queries.countOpen(viewer.personId, now());

/** @throws NotFound for another's. */
export async function alertSeenBy(viewer: StaffViewer, id: number): Promise<InboxAlert> {
  const alert = await queries.alertOf(viewer.personId, id);
  return { ...alert, items: await selectSignalsOf(db, id, 500) };
}

/** Settles alerts of the viewer; others' are passed over. @returns how many */
export const acknowledge = (viewer: StaffViewer, ids: readonly number[]): Promise<number> =>
  queries.updateAcknowledged(viewer.personId, ids, now());

/** Puts settled or snoozed alerts back into the inbox. */
export const reopen = (viewer: StaffViewer, ids: readonly number[]): Promise<number> =>
  queries.updateReopened(viewer.personId, ids);

export const snoozes = { hour: HOUR, tomorrow: DAY, week: 7 * DAY } as const;
export type Snooze = keyof typeof snoozes;

/** Has alerts come back later. */
export const snooze = (viewer: StaffViewer, ids: readonly number[], length: Snooze): Promise<number> =>
  queries.updateSnoozed(viewer.personId, ids, new Date(now().getTime() + snoozes[length]));

/** Nothing more of that rule, of that account, or of that account under that rule, until it is taken back. */
export async function mute(
  viewer: StaffViewer,
  what: { ruleId?: string; accountId?: string },
): Promise<void> {
  await queries.insertMute(
    viewer.personId,
    { ruleId: what.ruleId ?? null, accountId: what.accountId ?? null },
    now(),
  );
}

export const unmute = (viewer: StaffViewer, id: number): Promise<void> =>
  queries.deleteMute(viewer.personId, id);

export interface Mute {
  id: number;
  ruleId: string | null;
  code: string | null;
  ruleName: string | null;
  accountId: string | null;
  accountName: string | null;
  mutedAt: Date;
}

export const mutesOf = (viewer: StaffViewer): Promise<Mute[]> => queries.selectMutes(viewer.personId);

/** An alert as the console says it, in English. */
export function told(alert: InboxAlert, timeZone: string) {
  const speech = speechOf('en', timeZone);
  const lines = alert.items.map((signal) => ({
    ...signal,
    sentence: sentenceOf(signal, speech),
    reasons: reasonsOf(signal, speech),
    tone: toneOfSeed(alert.code) ?? toneOf(signal.kind, signal.data),
  }));
  return {
    ...alert,
    title: nameOf(alert, speech),
    tone: toneOfAll(lines),
    items: lines,
    left: alert.signals - lines.length,
  };
}

function toneOfAll(lines: readonly { tone: Tone }[]): Tone {
  const [first] = lines;
  return first !== undefined && lines.every(({ tone }) => tone === first.tone) ? first.tone : 'info';
}

export const kindOf = (text: unknown): Kind | undefined => (isKind(text) ? text : undefined);
