import { now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';

import { conditionOn } from './conditions.ts';
import * as queries from './raising.queries.ts';
import type { AlertRule } from './rules.ts';
import { selectEnabled } from './rules.queries.ts';
import { askForMails } from './mails.ts';
import { postBatch } from './webhooks.ts';

/**
 * A reaction: one batch of signals becomes alerts. One statement a rule, whatever the number of accounts and people; a batch that comes
 * again raises nothing again. Mails and webhooks are asked for in the same transaction.
 */
export async function raiseAlerts({ batch }: Events['signals.noted']): Promise<void> {
  const at = now();
  await transaction(async (tx) => {
    const kinds = await queries.selectKinds(tx, batch);
    for (const rule of await selectEnabled(tx, kinds)) await raise(tx, { rule, batch, at });
    await askForMails(tx, await queries.selectToMail(tx, batch), at);
  });
}

async function raise(
  tx: Tx,
  { rule, batch, at }: { rule: AlertRule; batch: number; at: Date },
): Promise<void> {
  const condition = await conditionOn(rule.trigger === 'condition.met' ? null : rule.condition);
  if (rule.toInbox || rule.toMail) await queries.insertAlerts(tx, { rule, batch, at, ...condition });
  if (rule.webhookId !== null) await postBatch(tx, { rule, batch, at, ...condition });
}
