import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = join(dirname(createRequire(import.meta.url).resolve('bootstrap-icons/package.json')), 'icons');
const known = new Map<string, string>();

/** A bootstrap icon as inline SVG, for decoration: what it says must stand beside it in words. */
export function icon(name: string): string {
  const found = known.get(name) ?? read(name);
  known.set(name, found);
  return found;
}

function read(name: string): string {
  const svg = readFileSync(join(folder, `${name}.svg`), 'utf8');
  return svg.replace('<svg', '<svg aria-hidden="true" focusable="false"').replace(/\s*\n\s*/g, '');
}
