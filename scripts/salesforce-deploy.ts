import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { strToU8, zipSync } from 'fflate';

import { deployZip } from '../src/platform/salesforce/metadata.ts';

const ROOT = join(import.meta.dirname, '../salesforce');
const SOURCE = join(ROOT, 'force-app/main/default');
const XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"';

/** Parts of an object that have files of their own in source format, and what they are called inside the object. */
const objectParts = {
  fields: { element: 'fields', type: 'CustomField' },
  validationRules: { element: 'validationRules', type: 'ValidationRule' },
  listViews: { element: 'listViews', type: 'ListView' },
  compactLayouts: { element: 'compactLayouts', type: 'CompactLayout' },
} as const;

/** A component of one file: its folder, and its type in the manifest. */
const singleFiles = { permissionsets: 'PermissionSet', permissionsetgroups: 'PermissionSetGroup' } as const;

interface Package {
  files: Record<string, string>;
  /** Names by type, for package.xml. */
  members: Map<string, string[]>;
}

/**
 * Deploys the package in salesforce/ to the org that Rapport is connected to. Deploying again changes nothing.
 * @throws Error that names every component which was refused.
 */
export async function deployPackage(): Promise<number> {
  const { isSuccess, components, problems } = await deployZip(packageZip());
  if (isSuccess) return components;
  const lines = problems.map(({ component, reason }) => `  ${component}: ${reason}`);
  throw new Error(`Salesforce refused the package; nothing of it was deployed:\n${lines.join('\n')}`);
}

/** The package in Metadata API form: what `sf project convert source` would make of it. */
export function packageZip(): Buffer {
  const built: Package = { files: {}, members: new Map() };
  for (const object of foldersIn(join(SOURCE, 'objects'))) addObject(built, object);
  for (const [folder, type] of Object.entries(singleFiles)) addSingleFiles(built, folder, type);
  built.files['package.xml'] = manifest(built.members);
  const entries = Object.entries(built.files).map(([path, text]) => [path, strToU8(text)] as const);
  return Buffer.from(zipSync(Object.fromEntries(entries)));
}

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
  for (const file of filesIn(join(SOURCE, folder))) {
    addMember(built, type, nameOf(file));
    built.files[`${folder}/${file.replace(/-meta\.xml$/, '')}`] = readFileSync(
      join(SOURCE, folder, file),
      'utf8',
    );
  }
}

function addMember({ members }: Package, type: string, name: string): void {
  members.set(type, [...(members.get(type) ?? []), name]);
}

function manifest(members: Package['members']): string {
  const { sourceApiVersion } = JSON.parse(readFileSync(join(ROOT, 'sfdx-project.json'), 'utf8')) as {
    sourceApiVersion: string;
  };
  const types = [...members].map(
    ([type, names]) =>
      `<types>${names.map((name) => `<members>${name}</members>`).join('')}<name>${type}</name></types>`,
  );
  return document('Package', `${types.join('\n')}\n<version>${sourceApiVersion}</version>`);
}

const document = (root: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} ${XMLNS}>\n${inner}\n</${root}>\n`;

/** What stands inside a file's root element. */
const contentOf = (xml: string): string =>
  /^(?:<\?xml[^>]*\?>)?\s*<\w+[^>]*>([\s\S]*)<\/\w+>\s*$/.exec(xml)?.[1] ?? '';

const nameOf = (file: string): string => file.replace(/\..*$/, '');
const foldersIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
const filesIn = (folder: string): string[] => foldersIn(folder).filter((file) => file.endsWith('-meta.xml'));

if (import.meta.main) {
  const { pool } = await import('../src/platform/db.ts');
  try {
    process.stdout.write(`Deployed ${String(await deployPackage())} components to Salesforce.\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await pool.end();
  }
}
