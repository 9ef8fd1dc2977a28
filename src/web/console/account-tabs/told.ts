import { kinds, toneOf } from '../../../alerts/kinds.ts';
import { sentenceOf as signalSentence, speechOf } from '../../../alerts/words.ts';
import type { Entry, EntryKind } from '../../../portfolio/timeline.ts';
import { recordUrl } from '../record-url.ts';

import { formats, t } from './spoken.ts';

/** An entry of a timeline, ready to be shown. */
export interface Told {
  icon: string;
  tone: 'neutral' | 'info' | 'success' | 'warning' | 'danger';
  sentence: string;
  text: string | undefined;
  href: string | undefined;
  /** A calendar day, where the moment within it is not known. */
  day: string | undefined;
  at: Date;
}

const looks: Record<EntryKind, readonly [icon: string, tone: Told['tone']]> = {
  'usage.first': ['stars', 'success'],
  'usage.module': ['puzzle', 'info'],
  'usage.person': ['person-plus', 'info'],
  'usage.returned': ['arrow-return-left', 'warning'],
  'health.rank': ['heart-pulse', 'info'],
  'health.score': ['activity', 'neutral'],
  'case.opened': ['life-preserver', 'warning'],
  'case.closed': ['check-circle', 'success'],
  'case.comment': ['chat-square-text', 'neutral'],
  'case.mail': ['envelope', 'neutral'],
  'deal.opened': ['briefcase', 'info'],
  'deal.won': ['trophy', 'success'],
  'deal.lost': ['x-circle', 'danger'],
  'task.done': ['check2-square', 'neutral'],
  'task.mail': ['envelope-arrow-up', 'neutral'],
  meeting: ['calendar-event', 'info'],
  insight: ['lightbulb', 'info'],
  'tag.added': ['tag', 'info'],
  'tag.removed': ['tag', 'neutral'],
  risk: ['flag', 'warning'],
  signal: ['broadcast', 'info'],
  'sign-in': ['box-arrow-in-right', 'neutral'],
};

const objects: Partial<Record<EntryKind, string>> = {
  'case.opened': 'Case',
  'case.closed': 'Case',
  'case.comment': 'Case',
  'case.mail': 'Case',
  'deal.opened': 'Opportunity',
  'deal.won': 'Opportunity',
  'deal.lost': 'Opportunity',
  'task.done': 'Task',
  'task.mail': 'Task',
  meeting: 'Event',
};

const tones: Readonly<Record<string, Told['tone']>> = {
  good: 'success', average: 'warning', poor: 'danger', red: 'danger', yellow: 'warning', green: 'success',
}; // prettier-ignore

const dayOnly: readonly EntryKind[] = ['usage.first', 'usage.module', 'usage.person', 'usage.returned', 'deal.won', 'deal.lost']; // prettier-ignore

/** Says in a sentence what an entry is about. */
export function told(entry: Entry): Told {
  const { kind, at, about, signal } = entry;
  const [icon, tone] = signal ? lookOf(signal) : looks[kind];
  const object = objects[kind];
  const text = typeof about.text === 'string' && about.text !== '' ? about.text : undefined;
  return {
    icon,
    tone: tones[String(about.rank ?? about.level ?? '')] ?? tone,
    sentence: sentenceOf(entry),
    text,
    href:
      object !== undefined && typeof about.record === 'string' ? recordUrl(object, about.record) : undefined,
    day: dayOnly.includes(kind) ? at.toISOString().slice(0, 10) : undefined,
    at,
  };
}

/** As the inbox shows it. */
const lookOf = ({ kind, data }: NonNullable<Entry['signal']>) =>
  [kinds[kind].icon, toneOf(kind, data)] as const;

const speech = speechOf('en', 'UTC');

function sentenceOf({ kind, about, signal }: Entry): string {
  if (signal) return signalSentence(signal, speech);
  const key = `timeline.kinds.${variantOf(kind, about)}`;
  const amount =
    typeof about.amount === 'number' ? formats.money(about.amount, String(about.currency)) : undefined;
  return t(key, {
    ...about,
    who: about.who ?? t('timeline.somebody'),
    title: about.title ?? t('timeline.untitled'),
    rank: ranked(about.rank, about.status),
    from: ranked(about.from, undefined),
    level: t(`timeline.levels.${String(about.level ?? 'none')}`, { defaultValue: '' }),
    amount: amount ?? '',
    count: typeof about.days === 'number' ? about.days : 0,
  });
}

/* The same kind of thing is said differently where a part of it is missing. */
function variantOf(kind: EntryKind, about: Entry['about']): string {
  if (kind === 'health.rank') return healthVariant(about);
  if (kind === 'health.score') return Number(about.score) > Number(about.before) ? 'scoreUp' : 'scoreDown';
  if (kind === 'deal.opened') return typeof about.amount === 'number' ? 'dealOpenedAmount' : 'dealOpened';
  if (kind === 'risk') return about.level === null ? 'riskCleared' : 'risk';
  if (kind === 'case.opened') return about.who === null ? 'caseOpened' : 'caseOpenedBy';
  return kind.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase());
}

function healthVariant({ rank, from, status }: Entry['about']): string {
  if (rank === null) return from === null ? 'statusOnly' : 'unranked';
  if (from === null) return 'firstRank';
  return status === 'paying' && rank === from ? 'scored' : 'newRank';
}

const ranked = (rank: unknown, status: unknown): string =>
  typeof rank === 'string' ? t(`health.${rank}`) : typeof status === 'string' ? t(`statuses.${status}`) : '';
