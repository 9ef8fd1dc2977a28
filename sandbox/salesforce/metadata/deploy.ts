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
  const failures: DeployMessage[] = [];
  const has = (type: string, name: string) =>
    archive.components.some((each) => each.type === type && each.fullName === name);
  for (const [type, names] of archive.members) {
    if (!isTypeName(type))
      failures.push(
        failure(ctx, packageXml(archive), `Unknown type name '${type}' specified in package.xml`),
      );
    else if (!options.allowMissingFiles)
      for (const name of names)
        if (name !== '*' && !has(type, name))
          failures.push({
            ...failure(
              ctx,
              packageXml(archive),
              `An object '${name}' of type ${type} was named in package.xml, but was not found in zipped directory`,
            ),
            fullName: name,
            componentType: type,
          });
  }
  const strays = archive.components.filter(
    (each) =>
      Object.keys(each.files).length > 0 &&
      !isNamed(archive, each) &&
      !archive.components.some(
        (child) => child.fullName.startsWith(`${each.fullName}.`) && isNamed(archive, child),
      ),
  );
  return [...failures, ...strays.map((each) => failure(ctx, each, 'Not in package.xml'))];
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
