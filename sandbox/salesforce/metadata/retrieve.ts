import { idOf } from '../records/ids.ts';
import { asObject, asText } from '../soap/envelope.ts';
import { documentOf, namesOf, writeArchive } from './archive.ts';
import { splitField } from './names.ts';
import { maybeMetadata, pathOf, properties } from './read.ts';
import { keptComponents, maybeKept } from './store.ts';

import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';
import type { Xml } from '../soap/envelope.ts';
import type { Kept } from './store.ts';

interface Gathered {
  files: Record<string, Uint8Array>;
  members: Map<string, string[]>;
  fileProperties: Xml[];
  messages: Xml[];
}

/** Collects what a retrieve request names and keeps the result for checkRetrieveStatus. Returns its id. */
export async function retrieve(ctx: Context, request: Record<string, unknown>): Promise<string> {
  const unpackaged = asObject(request.unpackaged);
  const gathered: Gathered = { files: {}, members: new Map(), fileProperties: [], messages: [] };
  for (const { type, fullName } of namesOf(unpackaged))
    for (const name of fullName === '*' ? await allOf(ctx, type) : [fullName])
      await gather(ctx, gathered, { type, fullName: name });
  const version = asText(unpackaged.version) ?? asText(request.apiVersion) ?? `${String(ctx.apiVersion)}.0`;
  const root = asText(request.singlePackage) === 'true' ? '' : 'unpackaged/';
  const zip = writeArchive(gathered.files, { members: gathered.members, version, root });
  const { rows } = await ctx.db.query(`select nextval('_component_ids') as counter`);
  const id = idOf('09S', Number((rows as { counter: number }[])[0]?.counter));
  const { fileProperties, messages } = gathered;
  const result = {
    done: true,
    fileProperties,
    id,
    messages,
    status: 'Succeeded',
    success: true,
    zipFile: Buffer.from(zip).toString('base64'),
  };
  await ctx.db.query('insert into _retrieve (id, result) values ($1, $2)', [id, JSON.stringify(result)]);
  return id;
}

/** The result of a retrieve; undefined when there is none of that id. */
export async function maybeRetrieved(db: Db, id: string): Promise<Xml | undefined> {
  const { rows } = await db.query('select result from _retrieve where left(id, 15) = left($1, 15)', [id]);
  return (rows as { result: Xml }[])[0]?.result;
}

async function allOf(ctx: Context, type: string): Promise<string[]> {
  if (type === 'CustomObject')
    return ctx.org.catalog
      .objects()
      .filter((each) => each.custom)
      .map((each) => each.name);
  return (await keptComponents(ctx.db, type)).map((each) => each.fullName);
}

async function gather(
  ctx: Context,
  gathered: Gathered,
  { type, fullName }: { type: string; fullName: string },
): Promise<void> {
  const [kept, metadata] = [
    await maybeKept(ctx.db, type, fullName),
    await maybeMetadata(ctx, type, fullName),
  ];
  if (!kept && !metadata) {
    gathered.messages.push({
      fileName: 'unpackaged/package.xml',
      problem: `Entity of type '${type}' named '${fullName}' cannot be found`,
    });
    return;
  }
  gathered.members.set(type, [...(gathered.members.get(type) ?? []), fullName]);
  if (kept) gathered.fileProperties.push(properties(kept));
  if (type === 'CustomField') addField(gathered, fullName, metadata ?? {});
  else Object.assign(gathered.files, filesOf({ type, fullName, kept, metadata }));
}

interface Found {
  type: string;
  fullName: string;
  kept: Kept | undefined;
  metadata: Record<string, unknown> | undefined;
}

/** The files as they were deployed; an object's is written anew, since its fields may have come one by one. */
function filesOf({ type, fullName, kept, metadata = {} }: Found): Record<string, Uint8Array> {
  const deployed = Object.entries(kept?.files ?? {});
  if (type !== 'CustomObject' && deployed.length > 0)
    return Object.fromEntries(deployed.map(([path, base64]) => [path, Buffer.from(base64, 'base64')]));
  const content = Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== 'fullName'));
  return { [pathOf(type, fullName)]: documentOf(type, content) };
}

/** A field alone comes in a file of its object that holds nothing but fields. */
function addField(gathered: Gathered, fullName: string, metadata: Record<string, unknown>): void {
  const [object, name] = splitField(fullName);
  const path = pathOf('CustomObject', object);
  const before =
    gathered.files[path] === undefined
      ? '<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">'
      : Buffer.from(gathered.files[path])
          .toString('utf8')
          .replace(/<\/CustomObject>\s*$/, '');
  const field = Buffer.from(documentOf('fields', { ...metadata, fullName: name })).toString('utf8');
  const inner = field.replace(/^<\?xml[^>]*>\n/, '').replace(/^<fields xmlns="[^"]*">/, '<fields>');
  gathered.files[path] = Buffer.from(`${before}${inner.trim()}</CustomObject>\n`);
}
