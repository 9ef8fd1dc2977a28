import { asList, asObject, asText } from '../soap/envelope.ts';
import { kindOf, removeComponent } from './kinds.ts';
import { plain } from './order.ts';
import { outlookFor } from './plan.ts';
import { renameComponent } from './rename.ts';
import { maybeMetadata, pathOf } from './read.ts';
import { isTypeName } from './types.ts';
import { attempt, inWorkspace } from './workspace.ts';

import type { Context } from '../context.ts';
import type { Xml } from '../soap/envelope.ts';
import type { Component } from './archive.ts';

/** Whether a component must be new, must be there already, or may be either. */
export type Expectation = 'new' | 'known' | 'either';

/** Creates, updates or upserts one component from the `metadata` element of a call; the answer is its save result. */
export async function saveMetadata(ctx: Context, element: unknown, expected: Expectation): Promise<Xml> {
  const { '@type': givenType } = asObject(element);
  const metadata = asObject(plain(element));
  const type = (asText(givenType) ?? '').replace(/^.*:/, '');
  const fullName = asText(metadata.fullName) ?? '';
  if (!isTypeName(type)) return refusal(fullName, 'INVALID_TYPE', `Unknown type: ${type}`);
  const isKnown = (await maybeMetadata(ctx, type, fullName)) !== undefined;
  if (expected === 'new' && isKnown)
    return refusal(fullName, 'DUPLICATE_DEVELOPER_NAME', `There is already a ${type} named ${fullName}`);
  if (expected === 'known' && !isKnown)
    return refusal(
      fullName,
      'INVALID_CROSS_REFERENCE_KEY',
      `In field: fullName - no ${type} named ${fullName} found`,
    );
  const component = { type, fullName, fileName: pathOf(type, fullName), metadata, files: {} };
  const problem = await inWorkspace(ctx, async (inside) => {
    const result = await applyAll(inside, withFields(component));
    return { result, isKept: result === undefined };
  });
  if (problem !== undefined) return refusal(fullName, 'FIELD_INTEGRITY_EXCEPTION', problem);
  return { ...(expected === 'either' ? { created: !isKnown } : {}), fullName, success: true };
}

/** Applies components in order, up to the first that something is wrong with; says what. */
async function applyAll(ctx: Context, components: Component[]): Promise<string | undefined> {
  const outlook = outlookFor(ctx.org.catalog, components);
  for (const component of components) {
    const { problem, apply } = kindOf(component.type);
    const complaint = problem(component, outlook);
    if (complaint !== undefined) return complaint;
    try {
      await attempt(ctx, (inside) => apply(inside, component));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return undefined;
}

/** Deletes one component; the answer is its delete result. */
export async function deleteMetadata(ctx: Context, type: string, fullName: string): Promise<Xml> {
  const problem = await inWorkspace(ctx, async (inside) => {
    const result = await removeComponent(inside, type, fullName);
    return { result, isKept: result === undefined };
  });
  return problem === undefined
    ? { fullName, success: true }
    : refusal(fullName, 'INVALID_CROSS_REFERENCE_KEY', problem);
}

/** Gives one component another name; the answer is its save result. */
export async function renameMetadata(
  ctx: Context,
  type: string,
  names: { from: string; to: string },
): Promise<Xml> {
  const problem = await inWorkspace(ctx, async (inside) => {
    const result = await renameComponent(inside, type, names);
    return { result, isKept: result === undefined };
  });
  return problem === undefined
    ? { fullName: names.to, success: true }
    : refusal(names.from, 'INVALID_CROSS_REFERENCE_KEY', problem);
}

const refusal = (fullName: string, statusCode: string, message: string): Xml => ({
  errors: { message, statusCode },
  fullName,
  success: false,
});

/** Fields given inside an object are saved after it. */
function withFields(component: Component): Component[] {
  if (component.type !== 'CustomObject') return [component];
  const fields = asList(component.metadata?.fields).map((each): Component => {
    const metadata = asObject(each);
    return {
      type: 'CustomField',
      fullName: `${component.fullName}.${asText(metadata.fullName) ?? ''}`,
      fileName: component.fileName,
      metadata,
      files: {},
    };
  });
  return [component, ...fields];
}
