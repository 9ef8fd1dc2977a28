import { readArchive } from './archive.ts';
import { kindOf, objectsOf, orderOf, removeComponent, splitField } from './kinds.ts';
import { isTypeName } from './types.ts';

import type { Context } from '../context.ts';
import type { Archive, Component } from './archive.ts';
import type { Outlook } from './kinds.ts';

/** What a deployment is told; the rest of Salesforce's options is taken and has no effect here. */
export interface DeployOptions {
  checkOnly: boolean;
  rollbackOnError: boolean;
  ignoreWarnings: boolean;
  allowMissingFiles: boolean;
  [further: string]: unknown;
}

/** What became of one component, in the words of a deploy result. */
export interface DeployMessage {
  changed: boolean;
  componentType: string;
  created: boolean;
  createdDate: string;
  deleted: boolean;
  fileName: string;
  fullName: string;
  id?: string;
  problem?: string;
  problemType?: 'Error' | 'Warning';
  success: boolean;
}

/** What became of the whole. */
export interface Outcome {
  messages: DeployMessage[];
  total: number;
  /** Whether anything was changed in the org. */
  isApplied: boolean;
}

/** Deploys a zip into the org, or only checks it. @throws Error for what is no package at all. */
export async function deploy(ctx: Context, zip: Uint8Array, options: DeployOptions): Promise<Outcome> {
  const archive = readArchive(zip);
  if (archive.version === undefined)
    return {
      messages: [failure(ctx, packageXml(archive), 'No package.xml found')],
      total: 0,
      isApplied: false,
    };
  const named = archive.components.filter((component) => isNamed(archive, component));
  const planned = named.toSorted((one, other) => orderOf(one.type) - orderOf(other.type));
  const outlook = outlookOf(ctx, planned);
  const checked = planned.map((component) => ({
    component,
    problem: kindOf(component.type).problem(component, outlook),
  }));
  const failures = [
    ...manifestFailures(ctx, archive, options),
    ...checked.flatMap(({ component, problem }) =>
      problem === undefined ? [] : [failure(ctx, component, problem)],
    ),
  ];
  const sound = checked.filter(({ problem }) => problem === undefined).map(({ component }) => component);
  const total = planned.length + archive.destructive.length;
  if (options.checkOnly || (failures.length > 0 && options.rollbackOnError))
    return {
      messages: [
        ...failures,
        ...sound.map((component) => success(ctx, component, { changed: false, created: false })),
      ],
      total,
      isApplied: false,
    };
  const messages = [...failures, ...(await applyAll(ctx, sound)), ...(await removeAll(ctx, archive))];
  return {
    messages: [...messages, success(ctx, packageXml(archive), { changed: true, created: false })],
    total,
    isApplied: true,
  };
}

const packageXml = ({ manifestPath }: Archive): Component => ({
  type: '',
  fullName: 'package.xml',
  fileName: manifestPath,
  metadata: undefined,
  files: {},
});

/** A component is deployed when package.xml names it, all of its type, or the object whose file it lies in. */
function isNamed({ members }: Archive, { type, fullName }: Component): boolean {
  const names = members.get(type);
  if (names?.has(fullName) || names?.has('*')) return true;
  const [parent] = splitField(fullName);
  return (
    parent !== fullName &&
    (members.get('CustomObject')?.has(parent) ?? members.get('CustomObject')?.has('*') ?? false)
  );
}

function outlookOf({ org }: Context, planned: Component[]): Outlook {
  const names = (type: string) => planned.filter((each) => each.type === type).map((each) => each.fullName);
  const objects = new Set(names('CustomObject').map((name) => name.toLowerCase()));
  const fields = new Set(
    names('CustomField').flatMap((name) => {
      const [object, field] = splitField(name);
      return objectsOf(object).map((each) => `${each}.${field}`.toLowerCase());
    }),
  );
  return {
    isObject: (name) =>
      org.catalog.find(name) !== undefined || (name.endsWith('__c') && objects.has(name.toLowerCase())),
    isField: (object, name) =>
      org.catalog.find(object)?.field(name) !== undefined || fields.has(`${object}.${name}`.toLowerCase()),
  };
}

function manifestFailures(ctx: Context, archive: Archive, options: DeployOptions): DeployMessage[] {
  const manifest = packageXml(archive);
  const unknown = [...archive.members.keys()].filter((type) => !isTypeName(type));
  const missing = options.allowMissingFiles ? [] : missingMembers(archive);
  return [
    ...unknown.map((type) => failure(ctx, manifest, `Unknown type name '${type}' specified in package.xml`)),
    ...missing.map(({ type, name }) => ({
      ...failure(
        ctx,
        manifest,
        `An object '${name}' of type ${type} was named in package.xml, but was not found in zipped directory`,
      ),
      fullName: name,
      componentType: type,
    })),
    ...strays(archive).map((each) => failure(ctx, each, 'Not in package.xml')),
  ];
}

function missingMembers({ members, components }: Archive): { type: string; name: string }[] {
  const found = new Set(components.map(({ type, fullName }) => `${type}:${fullName}`));
  return [...members]
    .filter(([type]) => isTypeName(type))
    .flatMap(([type, names]) => [...names].map((name) => ({ type, name })))
    .filter(({ type, name }) => name !== '*' && !found.has(`${type}:${name}`));
}

/** Files that neither package.xml names nor any part of. */
function strays(archive: Archive): Component[] {
  const named = archive.components.filter((each) => isNamed(archive, each));
  return archive.components.filter(
    (each) =>
      Object.keys(each.files).length > 0 &&
      !named.includes(each) &&
      !named.some((child) => child.fullName.startsWith(`${each.fullName}.`)),
  );
}

async function applyAll(ctx: Context, components: Component[]): Promise<DeployMessage[]> {
  const messages: DeployMessage[] = [];
  for (const component of components) {
    try {
      const { id, created } = await kindOf(component.type).apply(ctx, component);
      messages.push({ ...success(ctx, component, { changed: true, created }), id });
    } catch (error) {
      messages.push(failure(ctx, component, error instanceof Error ? error.message : String(error)));
    }
  }
  return messages;
}

async function removeAll(ctx: Context, { destructive }: Archive): Promise<DeployMessage[]> {
  const messages: DeployMessage[] = [];
  for (const { type, fullName } of destructive) {
    const component = { type, fullName, fileName: 'destructiveChanges.xml', metadata: undefined, files: {} };
    const problem = await removeComponent(ctx, type, fullName);
    if (problem === undefined)
      messages.push({ ...success(ctx, component, { changed: true, created: false }), deleted: true });
    else messages.push({ ...failure(ctx, component, problem), problemType: 'Warning', success: true });
  }
  return messages;
}

function success(
  ctx: Context,
  { type, fullName, fileName }: Component,
  { changed, created }: { changed: boolean; created: boolean },
): DeployMessage {
  return {
    changed,
    componentType: type,
    created,
    createdDate: ctx.org.clock.now().toISOString(),
    deleted: false,
    fileName,
    fullName,
    success: true,
  };
}

function failure(ctx: Context, component: Component, problem: string): DeployMessage {
  return {
    ...success(ctx, component, { changed: false, created: false }),
    problem,
    problemType: 'Error',
    success: false,
  };
}
