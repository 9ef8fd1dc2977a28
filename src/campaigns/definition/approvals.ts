import { forStaff, type Viewer } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';
import { db, transaction } from '../../platform/db.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';

import * as queries from './approvals.queries.ts';
import type { Campaign } from './campaigns.ts';
import { selectCampaign, selectForUpdate, updateStatus } from './campaigns.queries.ts';
import { mustBeDecidedBy, type Requested, type Verdict } from './decisions.ts';
import { decide } from './decisions.queries.ts';
import { editorOf } from './editors.ts';
import { fixedOf } from './fixed.ts';
import { audienceNow } from '../audience/previews.ts';
import { checksOf } from './readiness.ts';
import type { Fixed } from '../runs/runs.ts';

/** A campaign as it was to be approved: what its runs will be fixed to, and what it was called. */
export type Snapshot = Fixed & Pick<Campaign, 'description' | 'goal'>;

export interface Approval extends Requested {
  revision: number;
  audienceCount: number;
  /** Hex. */
  audienceHash: string;
  snapshot: Snapshot;
}

/** The approvals of a campaign, asked for and decided, the newest first. */
export async function approvalsOf(viewer: Viewer, campaignId: string): Promise<Approval[]> {
  return await queries.selectApprovals(forStaff(viewer), campaignId);
}

/**
 * Asks a second person to approve a campaign as it is, for the audience that it has now.
 * @returns the request's id @throws Conflict when it is not ready, or is no draft
 */
export async function requestApproval(viewer: Viewer, campaignId: string): Promise<number> {
  const { personId } = editorOf(viewer);
  const missing = (await checksOf(viewer, campaignId)).filter(({ isOk }) => !isOk).map(({ code }) => code);
  if (missing.length > 0) throw new Conflict(`the campaign is not ready: ${missing.join(', ')}`);
  const before = await campaignOf(campaignId);
  const fixed = await fixedOf(before, { kind: 'list' });
  const audience = await audienceNow(viewer, campaignId);
  return await transaction(async (tx) => {
    const campaign = await selectForUpdate(tx, campaignId);
    if (campaign?.status !== 'draft' || campaign.revision !== before.revision)
      throw new Conflict('the campaign is no draft any more, or was changed meanwhile');
    await updateStatus(tx, campaignId, 'in_review', now());
    const snapshot = { ...fixed, description: campaign.description, goal: campaign.goal };
    return await queries.insertApproval(tx, {
      campaignId, revision: campaign.revision, ...audience, snapshot, by: personId, at: now(),
    }); // prettier-ignore
  });
}

async function campaignOf(id: string): Promise<Campaign> {
  const campaign = await selectCampaign(db, id);
  if (campaign === undefined) throw new NotFound();
  return campaign;
}

/** Takes a request back: the campaign is a draft again. @throws Conflict when none is open */
export async function withdrawApproval(viewer: Viewer, campaignId: string): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    const campaign = await selectForUpdate(tx, campaignId);
    const open = await queries.selectOpen(tx, campaignId);
    if (campaign === undefined) throw new NotFound();
    if (open === undefined) throw new Conflict('no approval was asked for');
    await decide(tx, 'campaign_approvals', open.id, {
      decision: 'withdrawn',
      comment: '',
      by: personId,
      at: now(),
    });
    await updateStatus(tx, campaignId, 'draft', now());
  });
}

/**
 * Approves or rejects a campaign.
 * @throws Forbidden for whoever asked for it; Conflict when the request is not the open one any more
 */
export async function decideApproval(viewer: Viewer, campaignId: string, verdict: Verdict): Promise<void> {
  const { personId } = editorOf(viewer);
  const { approvalId, decision, comment } = verdict;
  await transaction(async (tx) => {
    const campaign = await selectForUpdate(tx, campaignId);
    const open = await queries.selectOpen(tx, campaignId);
    if (campaign === undefined) throw new NotFound();
    mustBeDecidedBy(personId, verdict, open && { ...open, isCurrent: open.revision === campaign.revision });
    await decide(tx, 'campaign_approvals', approvalId, { decision, comment, by: personId, at: now() });
    await updateStatus(tx, campaignId, decision === 'approved' ? 'approved' : 'draft', now());
  });
}
