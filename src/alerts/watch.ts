import type { Subject } from '../rules/fields.ts';
import { MINUTE, now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';

import { meeting } from './conditions.ts';
import type { AlertRule } from './rules.ts';
import { selectEnabled } from './rules.queries.ts';
import { plantSeeds } from './seeds.ts';
import { noteDaily, noteWithin } from './signals.ts';
import * as queries from './watch.queries.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Looks who came to meet the conditions that rules watch, and what the day brought. */
    watch_alerts: Record<string, never>;
  }
}

/** A reaction: something changed that a condition may be about. However much changes, it is looked at once a minute. */
export async function askForWatch(): Promise<void> {
  const runAt = new Date(Math.ceil((now().getTime() + 1) / MINUTE) * MINUTE);
  await transaction((tx) => enqueue(tx, 'watch_alerts', {}, { key: 'watch_alerts', queue: 'alerts', runAt }));
}

/** A job: brings the rules along that are not there yet, notes what time brought, and looks at every watched condition. */
export async function watchAlerts(): Promise<void> {
  await transaction(plantSeeds);
  if (await queries.isFirstWithin(spanOf(now()))) await noteDaily();
  await transaction(async (tx) => {
    for (const rule of await selectEnabled(tx, ['condition.met'])) await look(tx, rule);
  });
}

/** What time alone brings is looked for every ten minutes at most: it reads every account and everybody in them. */
const spanOf = (at: Date) => new Date(Math.floor(at.getTime() / (10 * MINUTE)) * 10 * MINUTE);

/** Who meets the condition and did not before is a signal; those of the very first look only where the rule says so. */
async function look(tx: Tx, rule: AlertRule): Promise<void> {
  const entity: Subject = rule.filter.entity ?? 'account';
  const at = now();
  const isFirst = await queries.markLooked(tx, rule.id, at);
  await queries.keepMatches(tx, { ruleId: rule.id, met: await meeting(rule.condition, entity), at });
  if (isFirst && rule.filter.includesPresent !== true) return;
  await noteWithin(tx, queries.newMatches(rule.id, entity, at));
}
