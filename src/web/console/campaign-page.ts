import { randomUUID } from 'node:crypto';

import type { Request, RequestHandler, Response } from 'express';

import type { StaffViewer } from '../../access/viewer.ts';
import { approvalsOf } from '../../campaigns/definition/approvals.ts';
import { campaignSeenBy, type ShownCampaign } from '../../campaigns/definition/campaigns.ts';
import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { newerMessageOf } from '../../campaigns/definition/newer-message.ts';
import { bringsPeople } from '../../campaigns/definition/triggers.ts';
import { Conflict } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';

/** The steps in which a campaign is made, in their order. */
export const campaignSteps = ['basics', 'audience', 'content', 'when', 'policy', 'goal', 'review'] as const;
export type CampaignStep = (typeof campaignSteps)[number];

/** What the head of each page of a campaign shows. @throws NotFound */
export async function campaignPage(viewer: StaffViewer, id: string) {
  const campaign = await campaignSeenBy(viewer, id);
  return {
    campaign,
    mayEdit: mayEditCampaigns(viewer),
    steps: campaignSteps.map((name) => ({ name, isDone: isDone[name](campaign) })),
    bringsPeople: bringsPeople(campaign.trigger),
    formKey: randomUUID(),
    approvedCount: await approvedCount(viewer, campaign),
    newerMessage: await newerMessageOf(viewer, campaign.id),
  };
}

/** How many people were approved; undefined where the campaign is not to be sent by hand now. */
async function approvedCount(
  viewer: StaffViewer,
  { id, status, trigger }: ShownCampaign,
): Promise<number | undefined> {
  if (trigger.kind !== 'manual' || !['approved', 'active', 'ended'].includes(status)) return undefined;
  const approvals = await approvalsOf(viewer, id);
  return approvals.find(({ decision }) => decision === 'approved')?.audienceCount;
}

const isDone: Record<CampaignStep, (campaign: ShownCampaign) => boolean> = {
  basics: () => true,
  audience: ({ segmentId, trigger }) => segmentId !== null || bringsPeople(trigger),
  content: ({ messageId }) => messageId !== null,
  when: () => true,
  policy: ({ topic, messageClass }) => topic !== null || messageClass === 'transactional',
  goal: ({ goal }) => goal !== null,
  review: ({ status }) => status !== 'draft',
};

/** An act that is refused as the campaign stands now: its page says so, instead of an error. */
export function unlessConflict(
  act: (req: Request, res: Response) => Promise<void>,
  key = 'campaigns.notNow',
): RequestHandler {
  return async (req, res) => {
    try {
      await act(req, res);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      flash(res, key, { kind: 'warning' });
      res.redirect(303, `/console/campaigns/${uuidOf(req.params.id)}`);
    }
  };
}
