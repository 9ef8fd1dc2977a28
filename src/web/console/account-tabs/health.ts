import { z } from 'zod';

import type { FoundRecord } from '../../../health/evidence.ts';
import { type Explanation, readingSentence, recordName, stepSentence } from '../../../health/explain.ts';
import { explanationSeenBy } from '../../../health/explained.ts';
import { healthHistory, maybeHealth } from '../../../health/health.ts';
import { type Marker, markersOf, type ScoreOfDay, scoresOf } from '../../../health/history.ts';
import { BANDS, ranks } from '../../../health/ranks.ts';
import { told } from '../../../health/reasons.ts';
import { DAY, now } from '../../../platform/clock.ts';
import { line } from '../../charts/line.ts';
import { recordUrl } from '../record-url.ts';

import { dayName, formats, spokenReason, t, wholeMoney } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** How many days the chart may look back. */
const spans = ['90', '365'] as const;
const Asked = z.object({ span: z.enum(spans).catch('90') });

const words = { t, formats };

/** Why the account has its health, what would help, and how it came there (HE22, HE25). */
export const healthTab: AccountTab = {
  name: 'health',
  load: async ({ viewer, account, query }) => {
    const { span } = Asked.parse(query);
    const days = Number(span);
    const [health, history, scores, markers] = await Promise.all([
      maybeHealth(viewer, account.id),
      healthHistory(viewer, account.id),
      scoresOf(viewer, account.id, days),
      markersOf(viewer, account.id, days),
    ]);
    const explained = health && (await explanationSeenBy(viewer, health));
    return {
      health,
      history,
      profile: explained?.profile,
      why: explained && shown(explained.explanation),
      chart: chartOf(scores, markers, days),
      span,
      spans,
      sentence: spokenReason,
    };
  },
};

function shown({ flags, readings, missing, nextStep }: Explanation) {
  const counting = readings.filter(({ points }) => points !== undefined);
  return {
    flags: flags.map(({ name, facts, records }) => ({
      name,
      sentence: facts.map((fact) => told(fact, t, formats.date)).join('; '),
      records: records.map(linked),
    })),
    readings: ['primary', 'secondary'].map((kind) => ({
      kind,
      rows: counting
        .filter((one) => one.kind === kind)
        .map((one) => ({
          ...one,
          sentence: readingSentence({ ...one, records: [] }, words),
          records: one.records.map(linked),
        })),
    })),
    missing: missing.map((reading) => ({
      name: t(`healthProfiles.readings.${reading}`),
      source: t(`healthProfiles.sources.${reading}`),
    })),
    step: stepSentence(nextStep, words)[0],
  };
}

/** Where a record is looked at: people here, the rest in Salesforce. */
function linked(record: FoundRecord): { label: string; href: string | undefined } {
  const objects = { case: 'Case', license: 'Rapport_License__c', opportunity: 'Opportunity' } as const;
  const label = recordName(record, words);
  if (record.kind === 'person') return { label, href: `/console/people/${record.id}` };
  const isKnown = /^[a-zA-Z0-9]{15,18}$/.test(record.id);
  return { label, href: isKnown ? recordUrl(objects[record.kind], record.id) : undefined };
}

/** The score of each day, or of each week of a year; what was changed stands where it was. */
function chartOf(scores: readonly ScoreOfDay[], markers: readonly Marker[], days: number) {
  if (scores.length < 2) return undefined;
  const step = days > 90 ? 7 : 1;
  const dates = Array.from({ length: Math.floor(days / step) + 1 }, (_, index) => {
    const ago = days - (days % step) - index * step;
    return new Date(now().getTime() - ago * DAY).toISOString().slice(0, 10);
  });
  const at = (day: string) => dates.findIndex((date) => date >= day);
  return line({
    labels: dates.map(dayName),
    series: [
      {
        label: t('accounts.columns.score'),
        tone: 'accent',
        values: dates.map((date, index) => scoreBetween(scores, dates[index - 1] ?? '', date)),
      },
    ],
    head: t('healthProfiles.chart.day'),
    bands: ranks.map((rank) => ({
      tone: rank,
      from: BANDS[rank].from,
      to: rank === 'good' ? 100 : rank === 'average' ? BANDS.good.from : BANDS.average.from,
      label: t(`health.${rank}`),
    })),
    markers: markers
      .map((marker) => ({ at: at(marker.day), label: markerWords(marker) }))
      .filter((marker) => marker.at >= 0),
    domain: [0, 100],
  });
}

/** The last score that was kept after one day, until another; nothing where none was. */
const scoreBetween = (scores: readonly ScoreOfDay[], after: string, until: string): number | null =>
  scores.findLast(({ day }) => day > after && day <= until)?.score ?? null;

function markerWords(marker: Marker): string {
  const day = formats.date(marker.day);
  if (marker.kind === 'profile') return t('healthProfiles.chart.profile', { day, name: marker.name });
  const amount = (minor: number | null) => wholeMoney(minor ?? 0);
  return t('healthProfiles.chart.contract', { day, from: amount(marker.from), to: amount(marker.to) });
}
