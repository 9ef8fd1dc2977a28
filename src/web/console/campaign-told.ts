import type { StaffViewer } from '../../access/viewer.ts';
import type { Snapshot } from '../../campaigns/definition/approvals.ts';
import type { Campaign, ShownCampaign } from '../../campaigns/definition/campaigns.ts';
import type { Cap, Policy } from '../../campaigns/definition/policy.ts';
import { bringsPeople, type Trigger } from '../../campaigns/definition/triggers.ts';
import { topics } from '../../consent/topics.ts';
import { messagesSeenBy } from '../../content/messages.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';

import type { CampaignStep } from './campaign-page.ts';
import { rolloutTold, rulesTold } from './campaign-rollout-told.ts';
import { topicName } from './topic-names.ts';

/** One line of what a campaign is: its words are `campaigns.told.NAME`. */
export interface Told {
  name: string;
  step: CampaignStep | 'rollout';
  text: string;
  note?: string | undefined;
  href?: string | undefined;
  /** It has to be said before the campaign can be sent. */
  isMissing?: boolean;
}

/** What is told of a campaign, or of what was approved of it, which names the version of its message. */
type Tellable = Pick<
  Campaign,
  | 'name'
  | 'description'
  | 'messageClass'
  | 'channel'
  | 'topic'
  | 'segmentId'
  | 'trigger'
  | 'policy'
  | 'goal'
  | 'messageId'
> & { messageVersion?: number | null };

interface Names {
  list: (id: string) => string;
  topic: (code: string) => string;
  /** The message, and which version of it: the newest if none is named. */
  message: (id: string, version?: number | null) => string;
  rule: (rule: unknown) => string;
}

const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

/** What a campaign is, in words, each with the step where it is changed: with the newest version of its message, or the one that is approved. */
export async function toldOf(
  viewer: StaffViewer,
  campaign: ShownCampaign,
  messageVersion?: number,
): Promise<Told[]> {
  const told = tell(
    { ...campaign, messageVersion: messageVersion ?? null },
    await namesFor(viewer, campaign.policy.rollout),
  );
  const { segment, messageId } = campaign;
  return told.map((one) => {
    if (one.name === 'audience' && segment !== null)
      return {
        ...one,
        href: `/console/segments/${segment.id}`,
        note: t(`campaigns.says.members`, { count: segment.members, shown: formats.number(segment.members) }),
      };
    return one.name === 'content' && messageId !== null
      ? { ...one, href: `/console/messages/${messageId}` }
      : one;
  });
}

/** What of a campaign is not as it was in what was approved; all of it where nothing was. */
export async function changesSince(
  viewer: StaffViewer,
  campaign: ShownCampaign,
  approved: Snapshot | undefined,
): Promise<{ name: string; before: string | undefined; after: string }[]> {
  const names = await namesFor(viewer, campaign.policy.rollout, approved?.policy.rollout);
  const before =
    approved === undefined
      ? []
      : tell({ ...approved, segmentId: approved.audience?.segmentId ?? null }, names);
  return tell(campaign, names)
    .map(({ name, text }) => ({ name, after: text, before: before.find((one) => one.name === name)?.text }))
    .filter((one) => one.before !== one.after);
}

/** What names in a campaign mean to its reader. */
async function namesFor(viewer: StaffViewer, ...rollouts: (Policy['rollout'] | undefined)[]): Promise<Names> {
  const [lists, all, messages, rule] = await Promise.all([
    segmentsSeenBy(viewer),
    topics(),
    messagesSeenBy(viewer),
    rulesTold(...rollouts),
  ]);
  const messageNames = new Map(messages.map((message) => [message.id, message]));
  const listNames = new Map(lists.map(({ id, name }) => [id, name]));
  const topicNames = new Map(all.map((topic) => [topic.code, topicName(topic)]));
  return {
    rule,
    list: (id) => listNames.get(id) ?? t('campaigns.says.goneList'),
    topic: (code) => topicNames.get(code) ?? code,
    message: (id, version) => {
      const { name = t('campaigns.says.goneMessage'), version: newest } = messageNames.get(id) ?? {};
      return t('campaigns.says.message', { name, version: version ?? newest ?? '–' });
    },
  };
}

function tell(campaign: Tellable, names: Names): Told[] {
  const { messageClass, channel, policy } = campaign;
  return [
    { name: 'name', step: 'basics', text: campaign.name },
    ...(campaign.description === ''
      ? []
      : [{ name: 'description', step: 'basics', text: campaign.description } as const]),
    { name: 'class', step: 'basics', text: t(`campaigns.classes.${messageClass}`) },
    { name: 'channel', step: 'basics', text: t(`campaigns.channels.${channel}`) },
    topicTold(campaign, names),
    audienceTold(campaign, names),
    contentTold(campaign, names),
    { name: 'when', step: 'when', text: whenTold(campaign.trigger, names) },
    { name: 'again', step: 'policy', text: againTold(policy) },
    { name: 'caps', step: 'policy', text: capsTold(policy) },
    { name: 'quiet', step: 'policy', text: quietTold(policy) },
    {
      name: 'holdout',
      step: 'policy',
      text:
        policy.holdoutPercent > 0
          ? t('campaigns.says.holdout', { percent: formats.number(policy.holdoutPercent) })
          : t('campaigns.says.noHoldout'),
    },
    ...trialTold(policy),
    { name: 'rollout', step: 'rollout', text: rolloutTold(policy.rollout, names.rule) },
    {
      name: 'safety',
      step: 'policy',
      text: t('campaigns.says.safety', {
        tolerance: policy.tolerancePercent,
        failure: policy.failurePercent,
      }),
    },
    { name: 'goal', step: 'goal', text: goalTold(campaign) },
  ];
}

function topicTold({ topic, messageClass }: Tellable, names: Names): Told {
  const step = 'policy';
  if (topic !== null) return { name: 'topic', step, text: names.topic(topic) };
  if (messageClass === 'transactional') return { name: 'topic', step, text: t('campaigns.says.noTopic') };
  return { name: 'topic', step, text: t('campaigns.says.topicMissing'), isMissing: true };
}

function audienceTold({ segmentId, trigger }: Tellable, names: Names): Told {
  const step = 'audience';
  if (segmentId !== null) return { name: 'audience', step, text: names.list(segmentId) };
  if (bringsPeople(trigger)) return { name: 'audience', step, text: t('campaigns.says.everyoneMeant') };
  return { name: 'audience', step, text: t('campaigns.says.audienceMissing'), isMissing: true };
}

function contentTold({ messageId, messageVersion }: Tellable, names: Names): Told {
  const step = 'content';
  if (messageId === null)
    return { name: 'content', step, text: t('campaigns.says.contentMissing'), isMissing: true };
  return { name: 'content', step, text: names.message(messageId, messageVersion) };
}

function whenTold(trigger: Trigger, names: Names): string {
  switch (trigger.kind) {
    case 'manual':
    case 'api':
      return t(`campaigns.says.${trigger.kind}`);
    case 'once':
      return t('campaigns.says.once', {
        date: formats.date(trigger.date),
        time: trigger.time,
        zone: trigger.zone,
      });
    case 'recurring':
      return recurringTold(trigger);
    case 'event':
      return t('campaigns.says.event', { signal: t(`alertKinds.${trigger.signal.replace('.', '_')}`) });
    case 'segment':
      return t(`campaigns.says.${trigger.moment}`, { list: names.list(trigger.segmentId) });
  }
}

function recurringTold({
  every,
  weekdays,
  day,
  time,
  zone,
  until,
}: Extract<Trigger, { kind: 'recurring' }>): string {
  const days = formats.list([...weekdays].sort().map((each) => t(`campaigns.when.days.${String(each)}`)));
  const often = t(`campaigns.says.recurring.${every}`, { days, day, time, zone });
  return until === null ? often : `${often}, ${t('campaigns.says.until', { date: formats.date(until) })}`;
}

function againTold({ again }: Policy): string {
  return typeof again === 'number'
    ? t('campaigns.says.againDays', { count: again })
    : t(`campaigns.says.${again}`);
}

function capsTold({ personCap, accountCap }: Policy): string {
  const caps = [
    ['person', personCap],
    ['account', accountCap],
  ] as const;
  const told = caps.flatMap(([whom, cap]) => (cap === null ? [] : [capTold(cap, whom)]));
  return told.length === 0 ? t('campaigns.says.noCaps') : formats.list(told);
}

const capTold = ({ messages, days }: Cap, whom: 'person' | 'account'): string =>
  t('campaigns.says.cap', { messages, days, whom: t(`campaigns.says.whom.${whom}`) });

function quietTold({ quietHours }: Policy): string {
  if (quietHours === 'house') return t('campaigns.says.quietHouse');
  if (quietHours === 'none') return t('campaigns.says.quietNone');
  return t('campaigns.says.quietOwn', { from: hour(quietHours.from), until: hour(quietHours.until) });
}

export const hour = (of: number): string => `${String(of).padStart(2, '0')}:00`;

function goalTold({ goal }: Tellable): string {
  return goal === null
    ? t('campaigns.says.noGoal')
    : t('campaigns.says.goal', { name: goal.name, count: goal.days });
}

const trialTold = ({ trial }: Policy): Told[] =>
  trial
    ? [{ name: 'trial', step: 'policy', text: t('campaigns.says.trial', { percent: trial.percent, count: trial.hours, by: t(`campaignResults.bys.${trial.by}`) }) }]
    : []; // prettier-ignore
