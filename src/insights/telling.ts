import type { Tx } from '../platform/db.ts';
import { formatsFor } from '../platform/formats.ts';
import { writeAll, type Write } from '../platform/salesforce/outbox/outbox.ts';
import { translator } from '../platform/words.ts';
import type { Catalog } from '../rules/fields.ts';

import { evidenceTold } from './evidence.ts';
import { headlineOf, type Insight } from './insights.ts';
import { profileUrl } from './profile-url.ts';
import { insightWrite, latestWrite } from './salesforce.ts';

/** Salesforce's people read it in English, as the console. */
const t = translator('en', 'console');
const { date } = formatsFor('en', 'UTC');

/** Puts milestones into the outbox: a record each, and its account's line about the newest. */
export async function tellInsights(tx: Tx, insights: readonly Insight[], catalog: Catalog): Promise<void> {
  await writeAll(tx, [
    ...insights.map((one) => insightWrite(one, toldOf(one, catalog))),
    ...insights.map((one) => latestOf(one)),
  ]);
}

function toldOf(insight: Insight, catalog: Catalog): { headline: string; body: string; url: string } {
  const lines = [
    t('insights.reachedOn', { name: insight.name, date: date(insight.occurredAt) }),
    ...evidenceTold(insight.evidence, catalog),
  ];
  return { headline: headlineOf(insight, t), body: lines.join('\n'), url: profileUrl(insight.accountId) };
}

const latestOf = (insight: Insight): Write => latestWrite(insight, headlineOf(insight, t));
