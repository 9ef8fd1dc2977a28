import { viewerOf } from '../access/people.ts';
import type { StaffViewer } from '../access/viewer.ts';
import { createMessage } from '../content/messages.ts';
import { templates } from '../content/templates/templates.ts';
import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { alone, db } from '../platform/db.ts';
import { log } from '../platform/log.ts';
import type { Rule } from '../rules/rules.ts';
import { createSegment, segmentsSeenBy } from '../segments/segments.ts';

import { activateCampaign } from './runs/activation.ts';
import { decideApproval, requestApproval } from './definition/approvals.ts';
import {
  type CampaignChange,
  changeCampaign,
  createCampaign,
  type NewCampaign,
} from './definition/campaigns.ts';
import * as queries from './demo.queries.ts';
import { Policy } from './definition/policy.ts';

/* Three campaigns to look at in sandbox mode, made as people make them: one sent, one that waits for its day, one that waits for approval. */

const paying: Rule = { field: 'account.status', op: 'is', value: ['paying'] };

interface Demo {
  campaign: Omit<NewCampaign, 'channel'>;
  list: { name: string; entity: 'account' | 'person'; rule: Rule };
  template: string;
  change: Omit<CampaignChange, 'segmentId' | 'messageId'>;
  until: 'sent' | 'waiting' | 'asked';
}

const demos: readonly Demo[] = [
  {
    campaign: {
      name: 'What is new in Tidewater Backup', messageClass: 'marketing', topic: 'product-news',
      description: 'The quarterly product news, to the people who use the product most.',
    },
    list: {
      name: 'Active people of paying customers', entity: 'person',
      rule: { all: [paying, { field: 'person.isContact', op: 'is', value: true }, { field: 'person.daysActive', op: 'atLeast', value: 3 }] },
    },
    template: 'product-news',
    change: {
      policy: Policy.parse({ quietHours: 'none', holdoutPercent: 10, accountCap: { messages: 5, days: 7 } }),
      goal: {
        name: 'Uses the product on most days', days: 14, entity: 'person',
        rule: { field: 'person.daysActive', op: 'atLeast', value: 9 },
      },
    },
    until: 'sent',
  },
  {
    campaign: {
      name: 'Your renewal is coming up', messageClass: 'success', topic: 'renewal',
      description: 'Every Tuesday morning, to accounts whose support ends within 90 days. Each person once a quarter.',
    },
    list: {
      name: 'Renewal within 90 days', entity: 'account',
      rule: { all: [paying, { field: 'account.nextRenewalOn', op: 'withinNext', value: 90 }] },
    },
    template: 'renewal',
    change: {
      trigger: { kind: 'recurring', every: 'week', weekdays: [2], day: 1, time: '09:00', zone: 'Europe/Berlin', until: null },
      policy: Policy.parse({ again: 90, tolerancePercent: 25, waitDays: 3 }),
    },
    until: 'waiting',
  },
  {
    campaign: {
      name: 'Welcome aboard', messageClass: 'success', topic: 'onboarding', description: 'First steps for customers of the last 60 days.',
    },
    list: {
      name: 'Customers for less than 60 days', entity: 'account',
      rule: { all: [paying, { field: 'account.customerSince', op: 'withinPast', value: 60 }] },
    },
    template: 'welcome',
    change: { policy: Policy.parse({}) },
    until: 'asked',
  },
]; // prettier-ignore

/**
 * A reaction: makes the demo's campaigns in sandbox mode as soon as there is somebody to make them, to approve them and to get them. Whoever
 * has made a campaign of their own meanwhile is left alone.
 */
export async function makeDemoCampaigns(): Promise<void> {
  if (!config.isSandbox || (await queries.isAnyCampaign(db))) return;
  await alone('demo campaigns', async () => {
    const [author, approver] = [await staffOf('csm'), await staffOf('admin')];
    if (author === undefined || approver === undefined || (await queries.isAnyCampaign(db))) return;
    if (!(await queries.isAnybodyActive(db))) return;
    for (const demo of demos) await make(demo, author, approver);
    log.info({ campaigns: demos.length }, 'the demo has its campaigns');
  });
}

async function staffOf(name: 'csm' | 'admin'): Promise<StaffViewer | undefined> {
  const personId = await queries.selectDemoPerson(db, `${name}@rapport.example`);
  const viewer = personId === undefined ? undefined : await viewerOf({ personId, isStrong: true });
  return viewer?.kind === 'staff' && viewer.roles.includes(name) ? viewer : undefined;
}

async function make(
  { campaign, list, template, change, until }: Demo,
  author: StaffViewer,
  approver: StaffViewer,
): Promise<void> {
  const id = await createCampaign(author, { ...campaign, channel: 'email' });
  const segmentId = await listOf(author, list);
  const content = templates.find(({ code }) => code === template);
  if (content === undefined) throw new Error(`no template ${template}`);
  const messageId = await createMessage(author, {
    name: campaign.name,
    description: '',
    content: content.content,
  });
  await changeCampaign(author, id, { ...change, segmentId, messageId });
  const approvalId = await requestApproval(author, id);
  if (until === 'asked') return;
  await decideApproval(approver, id, { approvalId, decision: 'approved', comment: '' });
  await activateCampaign(author, id, { key: `demo ${now().toISOString()}` });
}

/** One of the suggested lists, where it is called the same, or a new one. */
async function listOf(author: StaffViewer, list: Demo['list']): Promise<string> {
  const known = (await segmentsSeenBy(author)).find(
    ({ name, entity }) => name === list.name && entity === list.entity,
  );
  return (
    known?.id ??
    (await createSegment(author, { ...list, description: '', folder: 'Campaigns', isShared: true }))
  );
}
