import { MINUTE, now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { isLocale } from '../platform/locale.ts';
import { type MailSection, sendMail } from '../platform/mail.ts';

import * as queries from './digests.queries.ts';
import { toneOf } from './kinds.ts';
import { wallClock } from './settings.ts';
import type { Signal } from './signals.ts';
import { nameOf, pathOf, reasonSentence, reasonsOf, sentenceOf, type Speech, speechOf } from './words.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Sends the digests of those for whom the hour has come. */
    send_digests: Record<string, never>;
  }
}

/** What is noted while it is looked at may be seen a moment later: the window of a digest ends this long before. */
const TRAILS_BEHIND = 2 * MINUTE;

/**
 * A job: the daily digests (FA1, FA2). It is due once the wall clock of the person's zone has reached their hour, on each of their calendar
 * days: a clock put forward over that hour makes it come at the next, one put back does not make it come twice.
 */
export async function sendDigests(): Promise<void> {
  const at = now();
  for (const person of await queries.selectReaders()) {
    const { day, hour } = wallClock(at, person.timeZone);
    const isDue = hour >= person.digestHour && (person.lastDay === null || person.lastDay < day);
    if (isDue) await transaction((tx) => sendDigest(tx, person, day, at));
  }
}

/** The day is claimed, the digest put together and handed to the mail queue in one transaction; with nothing to say, no mail goes. */
async function sendDigest(tx: Tx, person: queries.Reader, day: string, at: Date): Promise<void> {
  const until = new Date(at.getTime() - TRAILS_BEHIND);
  const claimed = await queries.claimDay(tx, { personId: person.id, day, until });
  if (claimed === undefined) return;
  const speech = speechOf(isLocale(person.locale) ? person.locale : 'en', person.timeZone);
  const sections = await sectionsFor(tx, { person, since: claimed.since, until }, speech);
  if (sections.length === 0) return;
  const entries = sections.reduce((sum, { items }) => sum + items.length, 0);
  await queries.noteEntries(tx, { personId: person.id, day, entries });
  await sendMail(tx, {
    to: { personId: person.id },
    template: 'digest',
    data: { date: speech.date(day), sections },
    once: queries.mailKey(person.id, day),
  });
}

/** To-do lists first, then what happened to their own accounts, then to others that they follow. */
async function sectionsFor(
  tx: Tx,
  window: { person: queries.Reader; since: Date; until: Date },
  speech: Speech,
): Promise<MailSection[]> {
  const lists = await queries.selectLists(tx, window);
  const news = Map.groupBy(await queries.selectNews(tx, window), ({ isOwn }) => (isOwn ? 'own' : 'followed'));
  return [
    ...lists.filter(({ total }) => total > 0).map((list) => listSection(list, speech)),
    ...(['own', 'followed'] as const).flatMap((whose) => newsSection(whose, news.get(whose) ?? [], speech)),
  ];
}

function listSection(list: queries.DigestList, speech: Speech): MailSection {
  const left = list.total - list.entries.length;
  return {
    title: speech.t('digest.list', { segment: list.name }),
    note: speech.t('digest.listNote', { total: speech.number(list.total) }),
    items: list.entries.map((entry) => ({
      title: entry.accountName,
      lines: linesOf(entry, speech),
      path: pathOf(entry),
    })),
    ...moreOf(left, `/console/segments/${list.id}`, speech),
  };
}

function linesOf(entry: queries.ListEntry, speech: Speech): string[] {
  const { rank, score, reasons, people, isNew } = entry;
  const health = rank === null ? '' : `${speech.t(`ranks.${rank}`)} (${String(score ?? '–')})`;
  const [reason] = reasons;
  return [
    [isNew ? speech.t('digest.isNew') : '', health].filter(Boolean).join(' · '),
    people ?? '',
    reason === undefined ? '' : reasonSentence(reason, speech),
  ].filter((line) => line !== '');
}

const ACCOUNTS_SHOWN = 20;
const LINES_SHOWN = 5;

function newsSection(
  whose: 'own' | 'followed',
  news: readonly queries.News[],
  speech: Speech,
): MailSection[] {
  if (news.length === 0) return [];
  const accounts = [...Map.groupBy(news, ({ accountId }) => accountId).values()]
    .map(withoutRepetition)
    .toSorted((one, other) => gravity(other) - gravity(one));
  return [
    {
      title: speech.t(`digest.${whose}`),
      items: accounts.slice(0, ACCOUNTS_SHOWN).flatMap((signals) => accountItem(signals, speech)),
      ...moreOf(accounts.length - ACCOUNTS_SHOWN, '/console/follows', speech),
    },
  ];
}

function accountItem(signals: readonly queries.News[], speech: Speech): MailSection['items'] {
  const [first] = signals;
  if (first === undefined) return [];
  const lines = signals.slice(0, LINES_SHOWN).flatMap((signal) => {
    const [reason] = reasonsOf(signal, speech);
    const rule =
      signal.ruleName === null ? '' : nameOf({ code: signal.ruleCode, name: signal.ruleName }, speech);
    return [[rule, sentenceOf(signal, speech), reason].filter(Boolean).join(' · ')];
  });
  return [{ title: first.accountName, lines, path: pathOf(first) }];
}

/** Of several changes of one thing the last is told; what one sentence says, another need not. */
function withoutRepetition(signals: readonly queries.News[]): queries.News[] {
  const kinds = new Set(signals.map(({ kind }) => kind));
  const last = new Map(signals.map((signal) => [subjectOf(signal), signal]));
  return [...last.values()].filter(
    ({ kind }) =>
      !(kind === 'health.dropped' && kinds.has('health.changed')) &&
      !(kind === 'case.opened' && kinds.has('case.urgent')),
  );
}

const subjectOf = ({ kind, data, ruleName, personName }: queries.News): string =>
  [kind, data.caseId, data.opportunityId, data.segmentId, ruleName, personName].join('/');

const gravity = (signals: readonly Signal[]): number =>
  signals.filter(({ kind, data }) => toneOf(kind, data) === 'danger').length;

const moreOf = (left: number, path: string, speech: Speech) =>
  left > 0 ? { more: { text: speech.t('digest.more', { left: speech.number(left) }), path } } : {};
