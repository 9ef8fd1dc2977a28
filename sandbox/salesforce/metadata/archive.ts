import { XMLValidator } from 'fast-xml-parser';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

import { asList, asObject, asText, element, readXml } from '../soap/envelope.ts';
import { canonical } from './order.ts';
import { childPosition, rootPosition } from './positions.ts';
import { maybeType, metadataTypes } from './types.ts';

import type { Position } from './positions.ts';
import type { MetadataType } from './types.ts';

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';
const MOST_BYTES = 400 * 1024 * 1024;

/** One component of a package, with the files that carry it. */
export interface Component {
  type: string;
  fullName: string;
  /** Where results say that it came from; a field names the file of its object. */
  fileName: string;
  /** Its XML as objects; undefined for a bundle. */
  metadata: Record<string, unknown> | undefined;
  /** Contents by path; empty for a child, which lies in its parent's file. */
  files: Record<string, Uint8Array>;
  /** Where it begins in its file; undefined for a bundle and for what came without a file. */
  position?: Position | undefined;
  /** What is wrong with the file itself, in Salesforce's words. */
  flaw?: string | undefined;
}

/** A component to be taken out of the org, and before or after the others are put in. */
export interface Destruction {
  type: string;
  fullName: string;
  fileName: string;
  when: 'before' | 'after';
}

/** What a zip holds. */
export interface Archive {
  /** `65.0`; undefined when there is no package.xml. */
  version: string | undefined;
  /** Where package.xml lies in the zip. */
  manifestPath: string;
  /** Named members by type; `*` for all. */
  members: Map<string, Set<string>>;
  destructive: Destruction[];
  components: Component[];
}

/** Opens a package of the Metadata API's own format. @throws Error for what is no zip or unpacks to more than 400 MB. */
export function readArchive(zip: Uint8Array): Archive {
  let total = 0;
  const files = unzipSync(zip, {
    filter({ originalSize }) {
      total += originalSize;
      if (total > MOST_BYTES) throw new Error('Maximum size of uncompressed files exceeded');
      return true;
    },
  });
  const manifestPath = Object.keys(files).find((path) => /(^|\/)package\.xml$/.test(path)) ?? 'package.xml';
  const root = manifestPath.slice(0, -'package.xml'.length);
  const manifest = files[manifestPath] && asObject(readXml(strFromU8(files[manifestPath])).Package);
  return {
    version: manifest && (asText(manifest.version) ?? ''),
    manifestPath,
    members: membersOf(manifest ?? {}),
    destructive: Object.entries(files).flatMap(([path, bytes]) => destructionsIn(path, bytes)),
    components: componentsOf(files, root),
  };
}

function destructionsIn(path: string, bytes: Uint8Array): Destruction[] {
  const [, moment] = /(?:^|\/)destructiveChanges(Pre|Post)?\.xml$/.exec(path) ?? [undefined, null];
  if (moment === null) return [];
  const when = moment === 'Post' ? 'after' : 'before';
  const names = namesOf(asObject(readXml(strFromU8(bytes)).Package));
  return names.map((each) => ({ ...each, fileName: path, when }));
}

function membersOf(manifest: Record<string, unknown>): Map<string, Set<string>> {
  const members = new Map<string, Set<string>>();
  for (const { type, fullName } of namesOf(manifest))
    members.set(type, (members.get(type) ?? new Set()).add(fullName));
  return members;
}

/** The components that a package.xml or destructiveChanges.xml names. */
export function namesOf(manifest: Record<string, unknown>): { type: string; fullName: string }[] {
  return asList(manifest.types).flatMap((each) => {
    const { name, members } = asObject(each);
    return asList(members).map((member) => ({ type: asText(name) ?? '', fullName: asText(member) ?? '' }));
  });
}

function componentsOf(files: Record<string, Uint8Array>, root: string): Component[] {
  const found = new Map<string, Component>();
  for (const [path, bytes] of Object.entries(files)) {
    const place = placeOf(path.slice(root.length));
    if (!path.startsWith(root) || path.endsWith('/') || !place) continue;
    const component = found.get(place.key) ?? {
      ...place,
      fileName: root + place.fileName,
      metadata: undefined,
      files: {},
    };
    component.files[path.slice(root.length)] = bytes;
    if (place.isXml) Object.assign(component, contentOf(strFromU8(bytes), place.type));
    found.set(place.key, component);
  }
  return [...found.values()].flatMap(({ type, fullName, fileName, metadata, files: own, position, flaw }) => {
    const component = { type, fullName, fileName, metadata, files: own, position, flaw };
    return [component, ...childrenOf(component)];
  });
}

/** The metadata in a file, or what keeps it from being read. */
function contentOf(xml: string, type: string): Pick<Component, 'metadata' | 'position' | 'flaw'> {
  /* Its successor is a package of its own. */
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const checked = XMLValidator.validate(xml);
  if (checked !== true) {
    const { msg, line, col } = checked.err;
    return { metadata: {}, position: { line, column: col }, flaw: `Error parsing file: ${msg}` };
  }
  const document = readXml(xml);
  const root = Object.keys(document).find((name) => !name.startsWith('?'));
  const position = rootPosition(xml);
  if (root !== type)
    return { metadata: {}, position, flaw: `Unexpected root element '${root ?? ''}': expected '${type}'` };
  return { metadata: asObject(document[type]), position, flaw: undefined };
}

interface Place {
  key: string;
  type: string;
  fullName: string;
  fileName: string;
  isXml: boolean;
}

/** Which component a path belongs to; undefined for what is no component (package.xml, folders' own files). */
function placeOf(path: string): Place | undefined {
  const [directory = '', ...rest] = path.split('/');
  const type = metadataTypes.find((each) => each.directory === directory);
  if (!type || rest.length === 0) return undefined;
  return type.suffix === undefined ? bundlePlace(type, rest) : filePlace(type, rest.join('/'), type.suffix);
}

function bundlePlace(type: MetadataType, [name = '']: string[]): Place {
  const fileName = `${type.directory}/${name}`;
  return { key: fileName, type: type.name, fullName: name, fileName, isXml: false };
}

function filePlace(type: MetadataType, file: string, suffix: string): Place | undefined {
  const bare = file.replace(/-meta\.xml$/, '');
  if (!bare.endsWith(`.${suffix}`)) return undefined;
  const fullName = decodeURIComponent(bare.slice(0, -suffix.length - 1));
  const isXml = type.hasMetaFile === file.endsWith('-meta.xml');
  return {
    key: `${type.directory}/${bare}`,
    type: type.name,
    fullName,
    fileName: `${type.directory}/${bare}`,
    isXml,
  };
}

/** Fields, rules and views inside the file of an object, labels in that of all labels: each a component of its own. */
function childrenOf(parent: Component): Component[] {
  const children = Object.entries(maybeType(parent.type)?.children ?? {});
  if (children.length === 0) return [];
  const xml = strFromU8(Object.values(parent.files)[0] ?? new Uint8Array());
  return children.flatMap(([name, type]) =>
    asList(parent.metadata?.[name]).map((child) => {
      const fullName = asText(asObject(child).fullName) ?? '';
      return {
        type,
        fullName: type === 'CustomLabel' ? fullName : `${parent.fullName}.${fullName}`,
        fileName: parent.fileName,
        metadata: asObject(child),
        files: {},
        position: childPosition(xml, name, fullName),
      };
    }),
  );
}

/** A zip of these files with a package.xml that names the components. */
export function writeArchive(
  files: Record<string, Uint8Array>,
  { members, version, root }: { members: Map<string, string[]>; version: string; root: string },
): Uint8Array {
  const types = [...members].map(([name, fullNames]) => ({ members: fullNames, name }));
  const all = { ...files, 'package.xml': documentOf('Package', { types, version }) };
  return zipSync(Object.fromEntries(Object.entries(all).map(([path, bytes]) => [root + path, bytes])));
}

/** The XML file of a component. */
export function documentOf(type: string, metadata: Record<string, unknown>): Uint8Array {
  const content = Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith('@')));
  const text = element(type, { '@xmlns': NAMESPACE, ...canonical(content) });
  return strToU8(`<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`);
}
