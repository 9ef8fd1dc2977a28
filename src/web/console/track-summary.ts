import type { Policy } from '../../campaigns/definition/policy.ts';
import { topics } from '../../consent/topics.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';
import type { TrackDefinition } from '../../tracks/definition.ts';

import { hour } from './campaign-told.ts';
import { topicName } from './topic-names.ts';
import { stepsOf } from './track-draft.ts';
import { draftOf } from './track-draft-form.ts';
import { againTold, entryTold, leaveTold, type Names, placeTold, stepTold } from './track-told.ts';

const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

/** One line of what a track is: its name is a word of `tracks.told`, or a step's. */
export interface Told {
  /** What tells the same line of two versions by. */
  id: string;
  label: string;
  text: string;
  /** The page on which it is changed. */
  page: 'edit' | 'settings' | 'goal';
  isMissing?: boolean;
}

/** What topics are called, by their code. */
export const topicNames = async (): Promise<ReadonlyMap<string, string>> =>
  new Map((await topics()).map((topic) => [topic.code, topicName(topic)]));

/** What a definition says besides its steps, in words. */
export function summaryOf(
  definition: TrackDefinition,
  names: Names,
  topicsByCode: ReadonlyMap<string, string>,
): Told[] {
  const draft = draftOf(definition);
  const { messageClass, topic, policy, goal } = definition;
  return [
    line('entry', 'edit', entryTold(draft.entry, names)),
    line('again', 'edit', againTold(draft.entry)),
    line('leave', 'edit', leaveTold(draft.leave, names) ?? t('tracks.says.leaveNever')),
    line('class', 'settings', t(`campaigns.classes.${messageClass}`)),
    topic === null && messageClass !== 'transactional'
      ? { ...line('topic', 'settings', t('campaigns.says.topicMissing')), isMissing: true }
      : line('topic', 'settings', topic === null ? t('campaigns.says.noTopic') : (topicsByCode.get(topic) ?? topic)),
    line('caps', 'settings', capsTold(policy)),
    line('quiet', 'settings', quietTold(policy)),
    line('holdout', 'settings', policy.holdoutPercent > 0 ? t('campaigns.says.holdout', { percent: formats.number(policy.holdoutPercent) }) : t('campaigns.says.noHoldout')),
    line('goal', 'goal', goal === null ? t('campaigns.says.noGoal') : t('campaigns.says.goal', { name: goal.name, count: goal.days })),
  ]; // prettier-ignore
}

const line = (id: string, at: Told['page'], text: string): Told => ({
  id,
  label: t(`tracks.told.${id}`),
  text,
  page: at,
});

/** The steps of a definition as lines, each by its key: what is compared with another version. */
function stepLines(definition: TrackDefinition, names: Names): Told[] {
  const draft = draftOf(definition);
  return stepsOf(draft.steps).map((step) => ({
    id: `step-${step.id}`,
    label: placeTold(draft, step.id),
    text: stepTold(step, names),
    page: 'edit',
  }));
}

export interface Change {
  label: string;
  before: string | undefined;
  after: string | undefined;
}

/** What is other in a version than in the one before; all of it where there was none. */
export function changesBetween(
  { before, after }: { before: TrackDefinition | undefined; after: TrackDefinition },
  names: Names,
  topicsByCode: ReadonlyMap<string, string>,
): Change[] {
  const tell = (one: TrackDefinition) => [...summaryOf(one, names, topicsByCode), ...stepLines(one, names)];
  const [old, fresh] = [before === undefined ? [] : tell(before), tell(after)];
  const gone = old.filter(({ id }) => !fresh.some((one) => one.id === id));
  return [
    ...fresh.flatMap(({ id, label, text }) => {
      const was = old.find((one) => one.id === id);
      return was?.text === text ? [] : [{ label, before: was?.text, after: text }];
    }),
    ...gone.map(({ label, text }) => ({ label, before: text, after: undefined })),
  ];
}

function capsTold({ personCap, accountCap }: Pick<Policy, 'personCap' | 'accountCap'>): string {
  const told = [['person', personCap], ['account', accountCap]] as const; // prettier-ignore
  const caps = told.flatMap(([whom, cap]) =>
    cap === null ? [] : [t('campaigns.says.cap', { ...cap, whom: t(`campaigns.says.whom.${whom}`) })],
  );
  return caps.length === 0 ? t('campaigns.says.noCaps') : formats.list(caps);
}

function quietTold({ quietHours }: Pick<Policy, 'quietHours'>): string {
  if (quietHours === 'house') return t('campaigns.says.quietHouse');
  if (quietHours === 'none') return t('campaigns.says.quietNone');
  return t('campaigns.says.quietOwn', { from: hour(quietHours.from), until: hour(quietHours.until) });
}
