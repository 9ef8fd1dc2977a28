import '../events.ts';

import { now } from '../../platform/clock.ts';
import { config } from '../../platform/config.ts';
import { db, type Tx } from '../../platform/db.ts';
import type { Events } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';
import { enqueue } from '../../platform/jobs.ts';
import { writeAll } from '../../platform/salesforce/outbox/outbox.ts';
import { translator } from '../../platform/words.ts';

import { briefly } from '../mailing/briefly.ts';
import { campaignWrite, memberWrite, runInsightWrite, taskWrite } from '../salesforce.ts';
import * as queries from './updater.queries.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    update_accounts: { runId: number };
  }
}

/** What happens within this is told at once. */
const PACE_MILLISECONDS = 20_000;
const MEMBERS_AT_ONCE = 2_000;
const ACCOUNTS_AT_ONCE = 1_000;

/** Has Salesforce told of what became of a run, with whatever else happens meanwhile. */
export async function askForUpdate({
  runId,
}: Events['run.ended'] | Events['deliveries.changed']): Promise<void> {
  const runAt = new Date((Math.floor(now().getTime() / PACE_MILLISECONDS) + 1) * PACE_MILLISECONDS);
  await enqueue(db, 'update_accounts', { runId }, { key: `update_accounts:${String(runId)}`, runAt });
}

/**
 * Tells Salesforce what became of a run that has ended: the campaign, each contact as its member, an insight for each account, and an activity where
 * somebody followed a link. What a track sends by one step on one day is one insight, however many runs it took. Through the outbox, in batches; done
 * twice, it tells the same once.
 */
export async function updateAccounts({ runId }: { runId: number }): Promise<void> {
  const run = await queries.maybeRun(runId);
  if (run === undefined) return;
  if (run.salesforceId === null) {
    await briefly((tx) => writeAll(tx, [campaignWrite(run)]));
  } else {
    let last: number | undefined = 0;
    while (last !== undefined) last = await briefly((tx) => tellMembers(tx, run, last ?? 0));
  }
  faultPoint('members_told');
  while (await briefly((tx) => tellAccounts(tx, run)));
}

/** Members wait for their campaign: once Salesforce has it, they follow. */
export async function noteCampaigns({ sobject, rows }: Events['outbox.delivered']): Promise<void> {
  if (sobject !== 'Campaign') return;
  await briefly(async (tx) => {
    const runIds = await queries.keepCampaignIds(tx, rows);
    for (const runId of runIds)
      await enqueue(tx, 'update_accounts', { runId }, { key: `update_accounts:${String(runId)}` });
  });
}

/** @returns the last row looked at, or undefined when none is left */
async function tellMembers(tx: Tx, run: queries.EndedRun, after: number): Promise<number | undefined> {
  const { members, last } = await queries.claimMembers(tx, run, { after, limit: MEMBERS_AT_ONCE, at: now() });
  await writeAll(
    tx,
    members.map((member) =>
      memberWrite({
        ...member,
        campaignId: run.campaignId,
        campaignSalesforceId: run.salesforceId ?? '',
      }),
    ),
  );
  faultPoint('telling_members');
  return last;
}

/** @returns whether there may be more */
async function tellAccounts(tx: Tx, run: queries.EndedRun): Promise<boolean> {
  const at = now();
  await queries.takeTurn(tx, run);
  const accounts = await queries.claimAccounts(tx, run, { limit: ACCOUNTS_AT_ONCE, at });
  const url = `${config.publicUrl}/console/${run.series === null ? 'campaigns' : 'tracks'}/${run.campaignId}`;
  await writeAll(
    tx,
    accounts.flatMap((account) => [
      runInsightWrite({
        insightId: account.insightId,
        accountId: account.accountId,
        headline: headlineOf(run, account.told),
        body: bodyOf(account.told),
        url,
        at: run.endedAt,
      }),
      ...(account.taskId === null ? [] : [activity(run, { ...account, taskId: account.taskId }, at)]),
    ]),
  );
  faultPoint('telling_accounts');
  return accounts.length === ACCOUNTS_AT_ONCE;
}

function activity(
  run: queries.EndedRun,
  account: queries.AccountToTell & { taskId: string },
  at: Date,
): ReturnType<typeof taskWrite> {
  const { clickedCount, clickedBy, clickedContact, ownerId, accountId, taskId } = account;
  return taskWrite({
    taskId,
    accountId,
    contactId: clickedContact,
    ownerId,
    subject: t('updater.clicked', { count: clickedCount, campaign: nameOf(run) }),
    description: clickedBy.join('\n'),
    at,
  });
}

/* Salesforce's people read it in English, as the console. */
const t = translator('en', 'console');

/** A campaign's name; of a track with that of the message. */
const nameOf = ({ name, series }: queries.EndedRun): string =>
  series?.message == null ? name : t('updater.ofTrack', { track: name, message: series.message });

const headlineOf = (run: queries.EndedRun, told: queries.Told): string =>
  t('updater.headline', {
    campaign: nameOf(run),
    count: told.sent,
    opened: told.opened,
    clicked: told.clicked,
  });

const bodyOf = (told: queries.Told): string =>
  (['sent', 'delivered', 'opened', 'clicked', 'bounced', 'unsubscribed', 'complained'] as const)
    .filter((name) => told[name] > 0)
    .map((name) => t(`updater.counts.${name}`, { count: told[name] }))
    .join('\n');
