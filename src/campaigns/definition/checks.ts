import type { Viewer } from '../../access/viewer.ts';
import { topics } from '../../consent/topics.ts';
import { Invalid, NotFound } from '../../platform/errors.ts';
import { everybody } from '../../rules/rules.ts';
import { issuesOf } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { segmentSeenBy } from '../../segments/segments.ts';

import type { Campaign } from './campaigns.ts';
import { type Goal, isOfRule } from './goals.ts';
import type { Policy } from './policy.ts';
import { rulesOf } from './rollout.ts';

type Parts = Pick<Campaign, 'messageClass' | 'topic'> &
  Partial<Pick<Campaign, 'segmentId' | 'trigger' | 'goal' | 'policy'>>;

/** @throws Invalid, by field, for parts of a campaign that do not fit together or that its author does not see */
export async function checkedParts(viewer: Viewer, parts: Parts): Promise<void> {
  const { segmentId, trigger, goal, policy } = parts;
  const listOfTrigger = trigger?.kind === 'segment' ? trigger.segmentId : undefined;
  const fits: [field: string, key: string, isRight: boolean][] = [
    ['topic', 'topic', await isFitting(parts)],
    ['segmentId', 'segment', await isShared(viewer, segmentId)],
    ['triggerSegmentId', 'segment', await isShared(viewer, listOfTrigger)],
    ['weekdays', 'weekdays', hasDays(trigger)],
    ['goal', 'goal', await isAskable(goal)],
    ['rollout', 'cohortRule', await holdsSomebody(policy)],
    ['rollout', 'trialAndRollout', !triesWhileRollingOut(policy)],
  ];
  const wrong = fits
    .filter(([, , isRight]) => !isRight)
    .map(([field, key]) => [field, `campaigns.errors.${key}`]);
  if (wrong.length > 0) throw new Invalid(Object.fromEntries(wrong) as Record<string, string>);
}

const hasDays = (trigger: Parts['trigger']): boolean =>
  trigger?.kind !== 'recurring' || trigger.every !== 'week' || trigger.weekdays.length > 0;

/** A topic of the campaign's own class, or none yet. */
async function isFitting({ topic, messageClass }: Parts): Promise<boolean> {
  if (topic === null) return true;
  return (await topics()).some((each) => each.code === topic && each.messageClass === messageClass);
}

/** What a campaign depends on is a list that everybody sees, not one that its owner may change unseen. */
async function isShared(viewer: Viewer, id: string | null | undefined): Promise<boolean> {
  if (id === null || id === undefined) return true;
  try {
    const { isShared, archivedAt } = await segmentSeenBy(viewer, id);
    return isShared && archivedAt === null;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

/** Each rule of a rollout can be asked, and is not about everybody: then nobody would be left for the cohorts after it. */
async function holdsSomebody(policy: Parts['policy']): Promise<boolean> {
  const rules = rulesOf(policy?.rollout ?? { cohorts: [] });
  if (rules.length === 0) return true;
  const catalog = await wholeCatalog();
  return rules.every(({ rule }) => !isOfEverybody(rule) && issuesOf(rule, catalog, 'person').length === 0);
}

/** Whether a rule is the one that everybody meets. */
export const isOfEverybody = (rule: unknown): boolean => JSON.stringify(rule) === JSON.stringify(everybody);

/** Both wait for what became of a share: which share would be meant? */
const triesWhileRollingOut = (policy: Partial<Policy> | undefined): boolean =>
  (policy?.trial ?? null) !== null && (policy?.rollout ?? null) !== null;

/** @throws Invalid for a goal whose rule cannot be asked */
export async function checkedGoal(goal: Goal | null): Promise<void> {
  if (!(await isAskable(goal))) throw new Invalid({ goal: 'campaigns.errors.goal' });
}

async function isAskable(goal: Goal | null | undefined): Promise<boolean> {
  if (goal === null || goal === undefined || !isOfRule(goal)) return true;
  return issuesOf(goal.rule, await wholeCatalog(), goal.entity).length === 0;
}
