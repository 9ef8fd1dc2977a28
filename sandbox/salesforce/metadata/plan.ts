import { asText } from '../soap/envelope.ts';
import { kindOf, orderOf } from './kinds.ts';
import { failure } from './messages.ts';
import { objectsOf, splitField } from './names.ts';
import { isCustomName } from './object-component.ts';
import { isTypeName } from './types.ts';

import type { Context } from '../context.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { Archive, Component } from './archive.ts';
import type { Outlook } from './kinds.ts';
import type { DeployMessage } from './messages.ts';

/** The components that package.xml names, in the order in which they can be applied. */
export function plannedOf(archive: Archive): Component[] {
  const named = archive.components.filter((component) => isNamed(archive, component));
  return named.toSorted(
    (one, other) => orderOf(one.type) - orderOf(other.type) || standsOn(one, named) - standsOn(other, named),
  );
}

/** A component is deployed when package.xml names it, all of its type, or the object whose file it lies in. */
function isNamed({ members }: Archive, { type, fullName }: Component): boolean {
  const names = members.get(type);
  if (names?.has(fullName) || names?.has('*')) return true;
  const [parent] = splitField(fullName);
  const objects = members.get('CustomObject');
  return parent !== fullName && [parent, '*'].some((each) => objects?.has(each));
}

/** How many layers of computed fields of the same package lie under a field. */
function standsOn(component: Component, all: Component[], depth = 0): number {
  const { metadata = {}, type } = component;
  if (type !== 'CustomField' || depth > 5) return depth;
  if (metadata.formula === undefined) return asText(metadata.type) === 'Summary' ? 1 : 0;
  const formula = asText(metadata.formula) ?? '';
  const below = all.filter(
    (each) => each !== component && each.type === type && formula.includes(splitField(each.fullName)[1]),
  );
  return 2 + Math.max(0, ...below.map((each) => standsOn(each, all, depth + 1)));
}

/** What the org will hold once these components are in it. */
export function outlookFor(catalog: Catalog, planned: Component[]): Outlook {
  const brought = new Set(planned.map(({ type, fullName }) => `${type}:${fullName}`.toLowerCase()));
  const fields = new Set(
    planned
      .filter(({ type }) => type === 'CustomField')
      .flatMap(({ fullName }) => {
        const [object, field] = splitField(fullName);
        return objectsOf(object).map((each) => `${each}.${field}`.toLowerCase());
      }),
  );
  const brings = (type: string, fullName: string) => brought.has(`${type}:${fullName}`.toLowerCase());
  return {
    catalog,
    brings,
    isObject: (name) =>
      catalog.find(name) !== undefined || (isCustomName(name) && brings('CustomObject', name)),
    isField: (object, name) =>
      objectsOf(object).every(
        (each) =>
          catalog.find(each)?.field(name) !== undefined || fields.has(`${each}.${name}`.toLowerCase()),
      ),
  };
}

/** What is wrong with a component as far as its own file and the package tell. */
export function problemOf(component: Component, outlook: Outlook): string | undefined {
  return component.flaw ?? kindOf(component.type).problem(component, outlook);
}

/** What is wrong with package.xml: unknown types, members without a file, files without a member. */
export function manifestFailures(
  ctx: Context,
  archive: Archive,
  { allowMissingFiles }: { allowMissingFiles: boolean },
): DeployMessage[] {
  const manifest = { type: '', fullName: 'package.xml', fileName: archive.manifestPath };
  const unknown = [...archive.members.keys()].filter((type) => !isTypeName(type));
  const missing = allowMissingFiles ? [] : missingMembers(archive);
  return [
    ...unknown.map((type) => failure(ctx, manifest, `Unknown type name '${type}' specified in package.xml`)),
    ...missing.map(({ type, name }) =>
      failure(
        ctx,
        { type, fullName: name, fileName: archive.manifestPath },
        `An object '${name}' of type ${type} was named in package.xml, but was not found in zipped directory`,
      ),
    ),
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
  const hasNamedPart = ({ fileName }: Component) => named.some((each) => each.fileName === fileName);
  return archive.components.filter(
    (each) => Object.keys(each.files).length > 0 && !named.includes(each) && !hasNamedPart(each),
  );
}
