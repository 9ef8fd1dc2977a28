import { metadataOf } from './custom-field.ts';
import { objectsOf, splitField } from './names.ts';
import { keptComponents, maybeKept } from './store.ts';
import { maybeType, metadataTypes } from './types.ts';

import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Xml } from '../soap/envelope.ts';
import type { Kept } from './store.ts';

type Metadata = Record<string, unknown>;

/** The metadata of a component as it is now; undefined when there is none of that name. */
export async function maybeMetadata(
  ctx: Context,
  type: string,
  fullName: string,
): Promise<Metadata | undefined> {
  if (type === 'CustomObject') return objectMetadata(ctx, fullName);
  const kept = await maybeKept(ctx.db, type, fullName);
  if (kept?.metadata) return { ...kept.metadata, fullName: kept.fullName };
  if (type !== 'CustomField') return undefined;
  const [object, name] = splitField(fullName);
  const field = ctx.org.catalog.find(objectsOf(object)[0] ?? '')?.field(name);
  return field && { ...metadataOf(field), fullName: `${object}.${field.name}` };
}

async function objectMetadata(ctx: Context, name: string): Promise<Metadata | undefined> {
  const sobject = ctx.org.catalog.find(objectsOf(name)[0] ?? '');
  if (!sobject) return undefined;
  const kept = await maybeKept(ctx.db, 'CustomObject', name);
  const own = kept?.metadata ?? plainObject(sobject);
  const fields = sobject.fields.filter((field) => field.custom && !field.nameField);
  const all: Metadata[] = [];
  for (const field of fields) {
    const metadata = await maybeMetadata(ctx, 'CustomField', `${name}.${field.name}`);
    all.push({ ...metadata, fullName: field.name });
  }
  return {
    fullName: name === 'Activity' ? name : sobject.name,
    ...own,
    ...(await partsOf(ctx, name)),
    fields: all,
  };
}

/** What lies in the file of an object beside its fields. */
async function partsOf({ db }: Context, name: string): Promise<Metadata> {
  const parts: Metadata = {};
  const children = Object.entries(maybeType('CustomObject')?.children ?? {});
  for (const [element, type] of children.filter(([, each]) => each !== 'CustomField')) {
    const kept = (await keptComponents(db, type)).filter((each) => each.fullName.startsWith(`${name}.`));
    if (kept.length > 0)
      parts[element] = kept.map(({ metadata, fullName }) => ({
        fullName: splitField(fullName)[1],
        ...metadata,
      }));
  }
  return parts;
}

const plainObject = ({ label, labelPlural, custom, nameField }: SObject): Metadata => ({
  label,
  pluralLabel: labelPlural,
  ...(custom
    ? {
        deploymentStatus: 'Deployed',
        sharingModel: 'ReadWrite',
        nameField: { label: nameField?.label, type: 'Text' },
      }
    : {}),
});

/** What listMetadata tells of the components of a type. */
export async function fileProperties(ctx: Context, type: string): Promise<Xml[]> {
  const kept = (await keptComponents(ctx.db, type)).map((each) => properties(each));
  if (type !== 'CustomObject') return kept;
  const known = new Set(kept.map(({ fullName }) => fullName));
  const at = new Date(0).toISOString();
  const others = ctx.org.catalog.objects().filter(({ name }) => !known.has(name));
  const standard = others.map(({ name }) =>
    properties({
      type,
      fullName: name,
      id: '',
      fileName: `objects/${name}.object`,
      metadata: null,
      files: {},
      createdAt: at,
      createdBy: ctx.user.id,
      createdByName: ctx.user.name,
      modifiedAt: at,
      modifiedBy: ctx.user.id,
      modifiedByName: ctx.user.name,
    }),
  );
  return [...kept, ...standard];
}

/** Who made a component and when, as listMetadata and retrieve tell. */
export function properties(kept: Kept) {
  return {
    createdById: kept.createdBy,
    createdByName: kept.createdByName,
    createdDate: new Date(kept.createdAt).toISOString(),
    fileName: kept.fileName,
    fullName: kept.fullName,
    id: kept.id,
    lastModifiedById: kept.modifiedBy,
    lastModifiedByName: kept.modifiedByName,
    lastModifiedDate: new Date(kept.modifiedAt).toISOString(),
    manageableState: 'unmanaged',
    type: kept.type,
  };
}

/** What describeMetadata tells. */
export const describedTypes = (): Xml => ({
  metadataObjects: metadataTypes.map((type) => ({
    ...(Object.keys(type.children).length > 0 ? { childXmlNames: Object.values(type.children) } : {}),
    directoryName: type.directory,
    inFolder: type.inFolder,
    metaFile: type.hasMetaFile,
    ...(type.suffix === undefined ? {} : { suffix: type.suffix }),
    xmlName: type.name,
  })),
  organizationNamespace: '',
  partialSaveAllowed: true,
  testRequired: false,
});

/** The path of a component's file in a zip. */
export function pathOf(type: string, fullName: string): string {
  const known = maybeType(type);
  return `${known?.directory ?? type}/${fullName}${known?.suffix === undefined ? '' : `.${known.suffix}`}`;
}
