import type { Viewer } from '../../access/viewer.ts';
import { db, sql, transaction, type Tx } from '../../platform/db.ts';
import { Conflict, NotFound, Unavailable } from '../../platform/errors.ts';

import { selectCampaign } from '../definition/campaigns.queries.ts';
import { countCohorts, stageCohorts } from './cohorts.queries.ts';
import { type Judged, refuseByHistory, refuseByThemselves } from './eligibility.queries.ts';
import { fixedOf } from '../definition/fixed.ts';
import { allowMilliseconds, countRefused, layGroups, selectTried } from './planning.queries.ts';
import { askedOf, isRuleBroken, laidOf, topicOf } from './planning.ts';
import {
  type Asked, hashAudience, type Sampled, sample, selectAudience, stageAudience,
} from './staging.queries.ts'; // prettier-ignore
import type { Trigger } from '../definition/triggers.ts';

const LONGEST = 30_000;

/** Whom a campaign would reach now, and why not the others. */
export interface AudiencePreview {
  /** Who would get it. */
  count: number;
  /** Who is meant, before anybody is left out. */
  audience: number;
  /** Of the audience, hex. */
  hash: string;
  skipped: Record<string, number>;
  /** Where it goes out in cohorts: these, with how many of those who would get it are in each. */
  cohorts: { name: string; people: number }[];
  /** Some of those who would get it, by name. */
  sample: Sampled[];
  asOf: Date;
}

/**
 * What would be planned if it were now, by the campaign's list or another. Without a list, those who are in the list whose entries set it off.
 * Nothing is kept. @throws NotFound; Unavailable when it takes longer than half a minute
 */
export async function previewAudience(
  viewer: Viewer,
  campaignId: string,
  { segmentId }: { segmentId?: string | undefined } = {},
): Promise<AudiencePreview> {
  return await looking(viewer, { campaignId, segmentId }, async (tx, asked, judged) => {
    const audience = await stageAudience(tx, asked);
    const { hash } = await hashAudience(tx);
    await refuseByThemselves(tx, judged);
    await refuseByHistory(tx, judged);
    const skipped = await countRefused(tx);
    const count = audience - Object.values(skipped).reduce((sum, each) => sum + each, 0);
    return {
      count,
      audience,
      hash: hash.toString('hex'),
      skipped,
      cohorts: await cohortsOf(tx, asked, campaignId),
      sample: await sample(tx),
      asOf: asked.now,
    };
  });
}

async function cohortsOf(tx: Tx, asked: Asked, campaignId: string): Promise<AudiencePreview['cohorts']> {
  const rollout = asked.fixed.policy.rollout ?? null;
  if (rollout === null) return [];
  await stageCohorts(tx, asked, { rollout, campaignId });
  return await countCohorts(tx, rollout);
}

/** The audience as it is now, to be approved. */
export async function audienceNow(viewer: Viewer, campaignId: string) {
  return await looking(viewer, { campaignId }, async (tx, asked) => {
    await stageAudience(tx, asked);
    return { ...(await hashAudience(tx)), ids: await selectAudience(tx) };
  });
}

/** What planning would say of one human now; `found` is undefined when they are not in the audience. Their accounts alone are looked at. */
export async function tryOne(
  viewer: Viewer,
  campaignId: string,
  { id, email }: { id: number; email: string | null },
) {
  return await looking(viewer, { campaignId }, async (tx, asked, judged) => {
    const among = sql`select account_id from account_people where id = ${id} or email_normalized = ${email}`;
    await stageAudience(tx, { ...asked, among });
    await refuseByThemselves(tx, judged);
    await refuseByHistory(tx, judged);
    const laid = laidOf(asked, { campaignId, runId: 0 });
    if (laid.rollout !== null) await stageCohorts(tx, asked, { rollout: laid.rollout, campaignId });
    await layGroups(tx, laid);
    return { fixed: asked.fixed, now: asked.now, found: await selectTried(tx, id, laid) };
  });
}

/** Plans as far as the work asks, and rolls all of it back. */
async function looking<T>(
  viewer: Viewer,
  { campaignId, segmentId }: { campaignId: string; segmentId?: string | undefined },
  work: (tx: Tx, asked: Asked, judged: Judged) => Promise<T>,
): Promise<T> {
  const campaign = viewer.kind === 'staff' ? await selectCampaign(db, campaignId) : undefined;
  if (campaign === undefined) throw new NotFound();
  const list = segmentId ?? campaign.segmentId ?? listOf(campaign.trigger);
  const asked = await askedOf(await fixedOf({ ...campaign, segmentId: list }, { kind: 'list' }));
  const judged = { campaignId, topic: await topicOf(asked.fixed), ...asked };
  return await transaction(async (tx) => {
    await allowMilliseconds(tx, LONGEST);
    return await work(tx, asked, judged);
  }).catch(asExpected);
}

/** The list whose entries set a campaign off. */
const listOf = (trigger: Trigger): string | null =>
  trigger.kind === 'segment' && trigger.moment === 'entered' ? trigger.segmentId : null;

function asExpected(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '57014')
    throw new Unavailable('the preview took too long', { cause: error });
  if (isRuleBroken(error)) throw new Conflict('the list cannot be looked at any more', { cause: error });
  throw error;
}
