import type { Viewer } from '../../access/viewer.ts';
import { lookOfBrand } from '../../content/brand-kit.ts';
import { createMessage } from '../../content/messages.ts';
import { now } from '../../platform/clock.ts';
import { NotFound, Unavailable } from '../../platform/errors.ts';
import { previewRule } from '../../rules/previews.ts';
import type { Rule } from '../../rules/rules.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { TrackDefinition } from '../definition.ts';
import { createTrack } from '../tracks.ts';

import { lifecycleFacts } from './facts.ts';
import { givenFor, givenOf, presetOf } from './given.ts';
import { type Fill, lifecycleMessage, messageName } from './messages.ts';
import type { LifecycleParameter, LifecycleTemplate } from './template.ts';
import { lifecycleTemplatesByCode } from './templates.ts';
import type { MessageCode } from './words/words.ts';

export { lifecyclePhases, type LifecyclePhase } from './template.ts';

/** A template as its gallery shows it. */
export interface ShownTemplate extends Pick<LifecycleTemplate, 'code' | 'phase' | 'name' | 'summary'> {
  definition: TrackDefinition;
  parameters: (Omit<LifecycleParameter, 'value'> & { value: string })[];
  /** Labels of what the data say nothing of, so that it can be for nobody yet. */
  missing: string[];
}

/** The twenty lifecycle cases, LM1 to LM20, with what their parameters begin with. */
export async function lifecycleTemplates(viewer: Viewer): Promise<ShownTemplate[]> {
  staffOnly(viewer);
  const facts = await lifecycleFacts();
  return [...lifecycleTemplatesByCode.values()].map(({ make, ...template }) => {
    const { code, phase, name, summary } = template;
    const parameters = template.parameters.map((each) => ({ ...each, value: presetOf(each, facts) }));
    const values = Object.fromEntries(parameters.map((each) => [each.name, each.value]));
    return {
      code, phase, name, summary, parameters,
      definition: TrackDefinition.parse(make(givenOf(values), () => null)),
      missing: parameters.filter(({ value, isOptional }) => value === '' && isOptional !== true).map(({ label }) => label),
    };
  });
} // prettier-ignore

/** How many people each of them would be for now, by code; none is said of what takes too long to count. */
export async function lifecycleMatches(viewer: Viewer): Promise<Map<string, number>> {
  const templates = await lifecycleTemplates(viewer);
  const question = { entity: 'person', catalog: await wholeCatalog(), today: today() } as const;
  const counts = new Map<string, number>();
  for (const { code, definition, missing } of templates) {
    const { entry } = definition;
    if (missing.length > 0) counts.set(code, 0);
    else if (entry.kind === 'rule' && entry.rule !== null)
      await counted(viewer, entry.rule, question).then((count) => count !== undefined && counts.set(code, count));
  }
  return counts;
} // prettier-ignore

async function counted(
  viewer: Viewer,
  rule: Rule,
  question: Parameters<typeof previewRule>[2],
): Promise<number | undefined> {
  try {
    return (await previewRule(viewer, rule, question)).count;
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

/**
 * Makes a track, a draft, of a template: with messages of its own in all languages, ready to be looked at, approved and switched on.
 * @returns its id @throws NotFound; Invalid, by parameter
 */
export async function makeTrackFromTemplate(
  viewer: Viewer,
  code: string,
  set: Readonly<Record<string, string>>,
): Promise<string> {
  staffOnly(viewer);
  const template = lifecycleTemplatesByCode.get(code);
  if (template === undefined) throw new NotFound();
  const { given, values } = givenFor(template, set, await lifecycleFacts());
  const { name, summary } = template;
  const wanted: { code: MessageCode; fill: Fill }[] = [];
  template.make(given, (code, fill = {}) => {
    wanted.push({ code, fill });
    return null;
  });
  const ids = await made(viewer, wanted, code);
  const definition = template.make(given, () => ids.shift() ?? null);
  return await createTrack(viewer, {
    name: `${code} ${name}`,
    description: summary,
    definition,
    template: { code, parameters: values },
  });
}

/** A message of each, in their order. @returns their ids */
async function made(
  viewer: Viewer,
  wanted: readonly { code: MessageCode; fill: Fill }[],
  template: string,
): Promise<string[]> {
  const look = await lookOfBrand();
  const ids: string[] = [];
  for (const { code, fill } of wanted) {
    const name = `${template} ${messageName(code, fill)}`.slice(0, 120);
    ids.push(
      await createMessage(viewer, { name, description: '', content: lifecycleMessage(code, fill, look) }),
    );
  }
  return ids;
}

function staffOnly(viewer: Viewer): void {
  if (viewer.kind !== 'staff') throw new NotFound();
}

const today = (): string => now().toISOString().slice(0, 10);
