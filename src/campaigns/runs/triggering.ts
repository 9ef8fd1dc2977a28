import '../events.ts';

import { HOUR, now } from '../../platform/clock.ts';
import { db } from '../../platform/db.ts';
import type { Events } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';
import { log } from '../../platform/log.ts';

import { setOff } from './activation.ts';
import type { Campaign } from '../definition/campaigns.ts';
import { selectActive, updateStatus } from '../definition/campaigns.queries.ts';
import type { Source } from './runs.ts';
import { nextTickOf, ticksOf } from './ticks.ts';
import { briefly } from '../mailing/briefly.ts';
import * as queries from './triggering.queries.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    /** Sets off the campaigns whose hour has come. */
    trigger_campaigns: Record<string, never>;
  }
}

/** A tick that nobody could act on for longer than this is passed over: a message of yesterday morning is none for tonight. */
const LATEST = 12 * HOUR;

/** A job: begins the runs of schedules that are due. Of several ticks that were missed, the latest alone; each once, however often it is looked. */
export async function triggerCampaigns(): Promise<void> {
  const campaigns = [...(await selectActive(db, 'once')), ...(await selectActive(db, 'recurring'))];
  for (const campaign of campaigns) await byItself(campaign, () => trigger(campaign));
}

async function trigger(campaign: Campaign): Promise<void> {
  const until = now();
  const since = new Date(Math.max(campaign.activatedAt?.getTime() ?? 0, until.getTime() - LATEST));
  const due = ticksOf(campaign.trigger, since, until).at(-1);
  if (due !== undefined)
    await setOff(campaign.id, { key: `tick:${due.name}`, source: { kind: 'list' }, by: null });
  else if (nextTickOf(campaign.trigger, until) === undefined) await end(campaign.id);
}

/** A schedule that has no further tick is over, once its last run has ended. */
async function end(campaignId: string): Promise<void> {
  await briefly(async (tx) => {
    if (await queries.isOver(tx, campaignId)) await updateStatus(tx, campaignId, 'ended', now());
  });
}

/** A reaction: begins runs for those who entered or left the lists that campaigns wait on; one a batch. */
export async function triggerOnSegments({ batch }: Events['segment.changed']): Promise<void> {
  const waiting = await selectActive(db, 'segment');
  if (waiting.length === 0) return;
  for (const campaign of await queries.awaitingChanges(db, waiting, batch))
    await byItself(campaign, async () => {
      const { trigger } = campaign;
      if (trigger.kind !== 'segment') return;
      const source: Source = { kind: 'changes', batch, segmentId: trigger.segmentId, moment: trigger.moment };
      await setOff(campaign.id, { key: `changes:${String(batch)}`, source, by: null });
    });
}

/** A reaction: begins runs for those to whom happened what campaigns wait for; one a batch of signals. */
export async function triggerOnSignals({ batch }: Events['signals.noted']): Promise<void> {
  const waiting = await selectActive(db, 'event');
  if (waiting.length === 0) return;
  for (const campaign of await queries.awaitingSignals(db, waiting, batch))
    await byItself(campaign, async () => {
      const { trigger } = campaign;
      if (trigger.kind !== 'event') return;
      await setOff(campaign.id, {
        key: `signals:${String(batch)}`, source: { kind: 'signals', batch, signal: trigger.signal }, by: null,
      }); // prettier-ignore
    });
}

/** A reaction: a campaign that is sent by hand has ended with its run. */
export async function endCampaign({ runId }: Events['run.ended']): Promise<void> {
  await briefly((tx) => queries.endByHand(tx, runId, now()));
}

/** One that cannot be set off keeps no other from it. What the database could not do now is tried again with all. */
async function byItself(campaign: Campaign, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    faultPoint('triggered');
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error;
    log.error({ err: error, campaign: campaign.id }, 'a campaign could not be set off');
  }
}
