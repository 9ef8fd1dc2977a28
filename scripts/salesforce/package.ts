import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { strToU8, zipSync } from 'fflate';

const ROOT = join(import.meta.dirname, '../../salesforce');
const SOURCE = join(ROOT, 'force-app/main/default');
const XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"';

/** Parts of an object that have files of their own in source format, and what they are called inside the object. */
const objectParts = {
  fields: { element: 'fields', type: 'CustomField' },
  validationRules: { element: 'validationRules', type: 'ValidationRule' },
  listViews: { element: 'listViews', type: 'ListView' },
  compactLayouts: { element: 'compactLayouts', type: 'CompactLayout' },
} as const;

/** Components of one file each: their folder, and their type in the manifest. */
const singleFiles = {
  permissionsets: 'PermissionSet',
  permissionsetgroups: 'PermissionSetGroup',
  externalClientApps: 'ExternalClientApplication',
  extlClntAppGlobalOauthSets: 'ExtlClntAppGlobalOauthSettings',
  extlClntAppOauthSettings: 'ExtlClntAppOauthSettings',
  extlClntAppOauthPolicies: 'ExtlClntAppOauthConfigurablePolicies',
  extlClntAppCanvasSettings: 'ExtlClntAppCanvasSettings',
  flexipages: 'FlexiPage',
  platformEventChannelMembers: 'PlatformEventChannelMember',
} as const;

/** Components of a folder each: where they lie, and their type. Their tests stay here. */
const bundles = { lwc: 'LightningComponentBundle', aura: 'AuraDefinitionBundle' } as const;

/** What is filled into the files; a file whose value is missing is left out. */
type Values = Readonly<Record<string, string | undefined>>;

/** What to make of the package. */
export interface PackageOptions {
  values?: Values;
  /** Types that stay out. */
  without?: readonly string[];
}

interface Package extends Required<PackageOptions> {
  files: Record<string, string>;
  /** Names by type, for package.xml. */
  members: Map<string, string[]>;
}

const Project = JSON.parse(readFileSync(join(ROOT, 'sfdx-project.json'), 'utf8')) as {
  sourceApiVersion: string;
  replacements: { filename: string; stringToReplace: string; replaceWithEnv: string }[];
};

/** The package in Metadata API form: what `sf project convert source` would make of it. */
export function packageOf(options: PackageOptions): Buffer {
  const built: Package = { files: {}, members: new Map(), values: {}, without: [], ...options };
  for (const object of foldersIn(join(SOURCE, 'objects'))) addObject(built, object);
  for (const [folder, type] of Object.entries(singleFiles)) addSingleFiles(built, folder, type);
  for (const [folder, type] of Object.entries(bundles)) addBundles(built, folder, type);
  built.files['package.xml'] = manifest(built.members);
  const entries = Object.entries(built.files).map(([path, text]) => [path, strToU8(text)] as const);
  return Buffer.from(zipSync(Object.fromEntries(entries)));
}

/** The names of the values that files of the package need. */
export const neededValues = (): string[] => Project.replacements.map((each) => each.replaceWithEnv);

function addObject(built: Package, object: string): void {
  const folder = join(SOURCE, 'objects', object);
  const own = join(folder, `${object}.object-meta.xml`);
  const inner = existsSync(own) ? contentOf(readFileSync(own, 'utf8')) : '';
  if (existsSync(own)) addMember(built, 'CustomObject', object);
  const parts = Object.entries(objectParts).flatMap(([name, { element, type }]) =>
    filesIn(join(folder, name)).map((file) => {
      addMember(built, type, `${object}.${nameOf(file)}`);
      return `<${element}>${contentOf(readFileSync(join(folder, name, file), 'utf8'))}</${element}>`;
    }),
  );
  built.files[`objects/${object}.object`] = document('CustomObject', [inner, ...parts].join('\n'));
}

function addSingleFiles(built: Package, folder: string, type: string): void {
  if (built.without.includes(type)) return;
  for (const file of filesIn(join(SOURCE, folder))) {
    const text = filled(join(SOURCE, folder, file), built.values);
    if (text === undefined) continue;
    addMember(built, type, nameOf(file));
    built.files[`${folder}/${file.replace(/-meta\.xml$/, '')}`] = text;
  }
}

function addBundles(built: Package, folder: string, type: string): void {
  if (built.without.includes(type)) return;
  for (const name of foldersIn(join(SOURCE, folder))) {
    const files = readdirSync(join(SOURCE, folder, name), { withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    if (files.length > 0) addMember(built, type, name);
    for (const { name: file } of files)
      built.files[`${folder}/${name}/${file}`] = readFileSync(join(SOURCE, folder, name, file), 'utf8');
  }
}

/** A file with its values; undefined when one of them is missing. */
function filled(path: string, values: Values): string | undefined {
  let text = readFileSync(path, 'utf8');
  for (const { filename, stringToReplace, replaceWithEnv } of Project.replacements) {
    if (filename !== relative(ROOT, path)) continue;
    const value = values[replaceWithEnv];
    if (value === undefined) return undefined;
    text = text.replaceAll(stringToReplace, value.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
  }
  return text;
}

function addMember({ members }: Package, type: string, name: string): void {
  members.set(type, [...(members.get(type) ?? []), name]);
}

function manifest(members: Package['members']): string {
  const types = [...members].map(
    ([type, names]) =>
      `<types>${names.map((name) => `<members>${name}</members>`).join('')}<name>${type}</name></types>`,
  );
  return document('Package', `${types.join('\n')}\n<version>${Project.sourceApiVersion}</version>`);
}

const document = (root: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} ${XMLNS}>\n${inner}\n</${root}>\n`;

/** What stands inside a file's root element. */
const contentOf = (xml: string): string =>
  /^(?:<\?xml[^>]*\?>)?\s*<\w+[^>]*>([\s\S]*)<\/\w+>\s*$/.exec(xml)?.[1] ?? '';

const nameOf = (file: string): string => file.replace(/\..*$/, '');
const foldersIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
const filesIn = (folder: string): string[] => foldersIn(folder).filter((file) => file.endsWith('-meta.xml'));
