import type { Viewer } from '../access/viewer.ts';
import { isOfRule } from '../campaigns/definition/goals.ts';
import { topics } from '../consent/topics.ts';
import { maySend, newestVersion } from '../content/content.ts';
import { NotFound } from '../platform/errors.ts';
import type { Catalog, Subject } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';
import { issuesOf } from '../rules/schema.ts';
import { wholeCatalog } from '../segments/catalog.ts';
import { segmentSeenBy } from '../segments/segments.ts';
import { tagNames } from '../segments/tags.ts';

import { type Entry, everyStep, type Step, type TrackDefinition } from './definition.ts';
import { ruleOf } from './input.ts';
import { problemsOf, type TrackProblem } from './problems.ts';
import { trackSeenBy } from './tracks.ts';

/** All that keeps a track's newest version from being approved; nothing when it is ready. @throws NotFound */
export async function trackChecks(viewer: Viewer, id: string): Promise<TrackProblem[]> {
  const { definition } = await trackSeenBy(viewer, id);
  return await problemsIn(viewer, definition);
}

/** The same of a definition that is not saved yet. */
export async function problemsIn(viewer: Viewer, definition: TrackDefinition): Promise<TrackProblem[]> {
  const known = { viewer, catalog: await wholeCatalog(), tags: lower(await tagNames(viewer)) };
  const found: TrackProblem[] = [...problemsOf(definition), ...(await ofWhole(definition, known))];
  for (const { step } of everyStep(definition.steps))
    for (const code of await ofStep(step, definition, known)) found.push({ code, key: step.key });
  return found;
}

interface Known {
  viewer: Viewer;
  catalog: Catalog;
  tags: ReadonlySet<string>;
}

const lower = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()));

async function ofWhole({ messageClass, topic, entry, who, exits, goal }: TrackDefinition, known: Known) {
  const hasTopic =
    topic === null ||
    (await topics()).some((each) => each.code === topic && each.messageClass === messageClass);
  const wrong: [TrackProblem['code'], boolean][] = [
    ['topic', !hasTopic],
    ['entry', !(await isAskable(entry, known))],
    ['who', isWrong(who, known)],
    ['while', isWrong(exits.while, known)],
    ['goal', goal !== null && isOfRule(goal) && isWrong(goal.rule as Rule, known, goal.entity)],
  ];
  return wrong.filter(([, isSo]) => isSo).map(([code]) => ({ code }));
}

const isWrong = (rule: Rule | null, { catalog }: Known, entity: Subject = 'person'): boolean =>
  rule !== null && issuesOf(rule, catalog, entity).length > 0;

async function isAskable(entry: Entry, known: Known): Promise<boolean> {
  if (entry.kind === 'rule') return !isWrong(entry.rule, known);
  if (entry.kind === 'tag') return entry.tag === '' || known.tags.has(entry.tag.toLowerCase());
  if (entry.kind !== 'segment' || entry.segmentId === null) return true;
  try {
    const { isShared, archivedAt } = await segmentSeenBy(known.viewer, entry.segmentId);
    return isShared && archivedAt === null;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

async function ofStep(
  step: Step,
  { messageClass }: TrackDefinition,
  known: Known,
): Promise<TrackProblem['code'][]> {
  if (step.kind === 'send' && step.messageId !== null) return await ofMessage(step.messageId, messageClass);
  if (step.kind === 'tag' && step.tag !== '') return known.tags.has(step.tag.toLowerCase()) ? [] : ['tag'];
  return isWrong(ruleOf(step), known) ? ['rule'] : [];
}

async function ofMessage(
  id: string,
  messageClass: TrackDefinition['messageClass'],
): Promise<TrackProblem['code'][]> {
  try {
    return maySend(await newestVersion(id), messageClass) ? [] : ['content_errors'];
  } catch (error) {
    if (error instanceof NotFound) return ['content'];
    throw error;
  }
}
