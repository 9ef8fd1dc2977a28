import type { Viewer } from '../access/viewer.ts';
import { topics } from '../consent/topics.ts';
import { Invalid, NotFound } from '../platform/errors.ts';
import { issuesOf } from '../rules/schema.ts';
import { wholeCatalog } from '../segments/catalog.ts';
import { segmentSeenBy } from '../segments/segments.ts';

import type { Campaign } from './campaigns.ts';
import type { Goal } from './goals.ts';

type Parts = Pick<Campaign, 'messageClass' | 'topic'> &
  Partial<Pick<Campaign, 'segmentId' | 'trigger' | 'goal'>>;

/** @throws Invalid, by field, for parts of a campaign that do not fit together or that its author does not see */
export async function checkedParts(viewer: Viewer, parts: Parts): Promise<void> {
  const { segmentId = null, trigger, goal = null } = parts;
  const isTopicRight = await isFitting(parts);
  const wrong: Record<string, string> = {};
  if (!isTopicRight) wrong.topic = 'campaigns.errors.topic';
  if (segmentId !== null && !(await isShared(viewer, segmentId))) wrong.segmentId = 'campaigns.errors.segment';
  if (trigger?.kind === 'segment' && !(await isShared(viewer, trigger.segmentId)))
    wrong.triggerSegmentId = 'campaigns.errors.segment';
  if (trigger?.kind === 'recurring' && trigger.every === 'week' && trigger.weekdays.length === 0)
    wrong.weekdays = 'campaigns.errors.weekdays';
  if (goal !== null && !(await isAskable(goal))) wrong.goal = 'campaigns.errors.goal';
  if (Object.keys(wrong).length > 0) throw new Invalid(wrong);
}

/** A topic of the campaign's own class, or none yet. */
async function isFitting({ topic, messageClass }: Parts): Promise<boolean> {
  if (topic === null) return true;
  return (await topics()).some((each) => each.code === topic && each.messageClass === messageClass);
}

/** What a campaign depends on is a list that everybody sees, not one that its owner may change unseen. */
async function isShared(viewer: Viewer, id: string): Promise<boolean> {
  try {
    const { isShared, archivedAt } = await segmentSeenBy(viewer, id);
    return isShared && archivedAt === null;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

async function isAskable({ rule, entity }: Goal): Promise<boolean> {
  return issuesOf(rule, await wholeCatalog(), entity).length === 0;
}
