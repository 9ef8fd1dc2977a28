import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../node_modules/bootstrap-icons/icons');
const drawn = new Map<string, string>();

/**
 * A Bootstrap icon as inline SVG, coloured and sized by the text around it. It is decoration: the words beside it say the
 * same, so assistive technology is told to pass it over.
 */
export function icon(name: string): string {
  const known = drawn.get(name);
  if (known !== undefined) return known;
  const file = join(folder, `${name}.svg`);
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) throw new Error(`there is no icon ${name}`);
  const svg = readFileSync(file, 'utf8')
    .replace(
      /<svg[^>]*viewBox/,
      '<svg class="icon" aria-hidden="true" focusable="false" fill="currentColor" viewBox',
    )
    .replace(/ class="bi[^"]*"/, '')
    .replaceAll('\n', '');
  drawn.set(name, svg);
  return svg;
}
