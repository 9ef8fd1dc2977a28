import '../events.ts';

import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import { forStaff, type Viewer } from '../../access/viewer.ts';
import { channelNames, type ChannelName } from '../../channels/channel.ts';
import { now } from '../../platform/clock.ts';
import { transaction, type Tx } from '../../platform/db.ts';
import { Conflict, Invalid, NotFound } from '../../platform/errors.ts';

import * as queries from './campaigns.queries.ts';
import { checkedParts } from './checks.ts';
import { editorOf } from './editors.ts';
import { Goal } from './goals.ts';
import { taken } from './input.ts';
import { messageClasses, type MessageClass, Policy } from './policy.ts';
import { nextTickOf } from '../runs/ticks.ts';
import { Trigger } from './triggers.ts';

export const campaignStatuses = ['draft', 'in_review', 'approved', 'active', 'ended', 'archived'] as const;
export type CampaignStatus = (typeof campaignStatuses)[number];

/** One message to the people of a list, and what starts it. */
export interface Campaign {
  id: string;
  name: string;
  description: string;
  messageClass: MessageClass;
  topic: string | null;
  channel: ChannelName;
  segmentId: string | null;
  trigger: Trigger;
  policy: Policy;
  goal: Goal | null;
  messageId: string | null;
  status: CampaignStatus;
  /** Goes up with each change of what people get, and who gets it; approval is of one revision. */
  revision: number;
  ownerId: string;
  activatedAt: Date | null;
  createdAt: Date;
  changedAt: Date;
}

/** A campaign as its page shows it. */
export interface ShownCampaign extends Campaign {
  ownerName: string | null;
  changedByName: string | null;
  segment: { id: string; name: string; entity: 'account' | 'person'; members: number } | null;
  messageName: string | null;
  /** The next time that its schedule sets it off; null for every other trigger, and while it is not active. */
  nextAt: Date | null;
}

/** A campaign in a list. */
export interface ListedCampaign extends Pick<
  Campaign,
  | 'id'
  | 'name'
  | 'description'
  | 'messageClass'
  | 'channel'
  | 'topic'
  | 'status'
  | 'trigger'
  | 'segmentId'
  | 'ownerId'
  | 'changedAt'
> {
  segmentName: string | null;
  ownerName: string | null;
  lastRun: {
    id: number;
    state: string;
    pausedAt: Date | null;
    triggeredAt: Date;
    audienceCount: number | null;
    /** Whether its next cohort waits for somebody to have it go on. */
    isHeld: boolean;
  } | null;
}

export interface CampaignFilter {
  search?: string | undefined;
  status?: CampaignStatus | undefined;
  messageClass?: MessageClass | undefined;
  channel?: ChannelName | undefined;
  ownerId?: string | undefined;
  isArchived?: boolean | undefined;
}

export const campaignSortings = ['name', 'status', 'changedAt', 'lastRunAt'] as const;
export interface CampaignOrder {
  sort: (typeof campaignSortings)[number];
  direction: 'asc' | 'desc';
  page: number;
}

export const CAMPAIGNS_A_PAGE = 50;

/** What a new campaign says of itself. */
export const NewCampaign = z.strictObject({
  name: z.string().trim().min(1).max(200),
  description: z.string().trim().max(2000).default(''),
  messageClass: z.enum(messageClasses),
  channel: z.enum(channelNames),
  topic: z.string().max(100).nullable().default(null),
});
export type NewCampaign = z.infer<typeof NewCampaign>;

/** What may be changed of it, each by itself. */
export const CampaignChange = z
  .strictObject({
    name: NewCampaign.shape.name,
    description: z.string().trim().max(2000),
    messageClass: z.enum(messageClasses),
    channel: z.enum(channelNames),
    topic: z.string().max(100).nullable(),
    segmentId: z.guid().nullable(),
    trigger: Trigger,
    policy: Policy,
    goal: Goal.nullable(),
    messageId: z.guid().nullable(),
  })
  .partial();
export type CampaignChange = z.input<typeof CampaignChange>;

/** The campaigns that staff see, a page of them, and how many there are. */
export async function campaignsSeenBy(
  viewer: Viewer,
  filter: CampaignFilter,
  order: CampaignOrder,
): Promise<{ campaigns: ListedCampaign[]; total: number }> {
  return await queries.selectCampaigns(forStaff(viewer), filter, { ...order, limit: CAMPAIGNS_A_PAGE });
}

/** One campaign. @throws NotFound */
export async function campaignSeenBy(viewer: Viewer, id: string): Promise<ShownCampaign> {
  const campaign = await queries.selectShown(forStaff(viewer), id);
  if (campaign === undefined) throw new NotFound();
  const nextAt = campaign.status === 'active' ? nextTickOf(campaign.trigger, now()) : undefined;
  return { ...campaign, nextAt: nextAt ?? null };
}

/** Who owns campaigns, by name. */
export async function campaignOwners(viewer: Viewer): Promise<{ id: string; name: string }[]> {
  return await queries.selectOwners(forStaff(viewer));
}

/** Begins a campaign as a draft. @returns its id @throws Invalid for a topic that is not of the class */
export async function createCampaign(viewer: Viewer, form: z.input<typeof NewCampaign>): Promise<string> {
  const { personId } = editorOf(viewer);
  const campaign = taken(NewCampaign, form);
  await checkedParts(viewer, campaign);
  return await transaction((tx) =>
    queries.insertCampaign(tx, { ...campaign, policy: Policy.parse({}), personId, now: now() }),
  );
}

/**
 * Changes a campaign. What people get or who gets it needs approval anew: the campaign is a draft again, and its schedule rests.
 * @throws Invalid with a field for what does not fit, Conflict for one that is archived
 */
export async function changeCampaign(viewer: Viewer, id: string, form: CampaignChange): Promise<void> {
  const { personId } = editorOf(viewer);
  const given = Object.entries(taken(CampaignChange, form)).filter(([, value]) => value !== undefined);
  const change = Object.fromEntries(given) as Partial<Campaign>;
  await checkedParts(viewer, { ...(await campaignSeenBy(viewer, id)), ...change });
  await transaction(async (tx) => {
    const before = await campaignToChange(tx, id);
    const after = { ...before, ...change };
    const isOther = !isDeepStrictEqual(decided(after), decided(before));
    await queries.updateCampaign(tx, after, { isOther, personId, now: now() });
    if (isOther) await queries.withdrawOpenApprovals(tx, id, { personId, now: now() });
  });
}

/** What an approval is about: everything but how the campaign is called, and what is measured of it. A policy that says less means what is missing. */
const decided = ({ messageClass, topic, channel, segmentId, trigger, policy, messageId }: Campaign) => ({
  messageClass, topic, channel, segmentId, trigger, messageId, policy: { ...Policy.parse({}), ...policy },
}); // prettier-ignore

async function campaignToChange(tx: Tx, id: string): Promise<Campaign> {
  const campaign = await queries.selectForUpdate(tx, id);
  if (campaign === undefined) throw new NotFound();
  if (campaign.status === 'archived') throw new Conflict('the campaign is archived');
  return campaign;
}

/** A draft of one's own with all that this one says. @returns its id */
export async function duplicateCampaign(viewer: Viewer, id: string, name: string): Promise<string> {
  const { personId } = editorOf(viewer);
  const original = await campaignSeenBy(viewer, id);
  if (name.trim() === '') throw new Invalid({ name: 'errors.required' });
  return await transaction((tx) =>
    queries.insertCopy(tx, original.id, { name: name.trim(), personId, now: now() }),
  );
}

/** Puts a campaign away. @throws Conflict while a run of it is open */
export async function archiveCampaign(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    await campaignToChange(tx, id);
    if (await queries.hasOpenRun(tx, id)) throw new Conflict('a run is open');
    await queries.updateStatus(tx, id, 'archived', now());
  });
}

/** Brings an archived campaign back, as a draft. */
export async function restoreCampaign(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    const campaign = await queries.selectForUpdate(tx, id);
    if (campaign === undefined) throw new NotFound();
    if (campaign.status !== 'archived') throw new Conflict('the campaign is not archived');
    await queries.updateStatus(tx, id, 'draft', now());
  });
}

/** Stops a campaign's schedule or trigger: it stays approved. Runs that were begun go on. @throws Conflict when it is not active */
export async function deactivateCampaign(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    const { status } = await campaignToChange(tx, id);
    if (status !== 'active') throw new Conflict('the campaign is not active');
    await queries.updateStatus(tx, id, 'approved', now());
  });
}
