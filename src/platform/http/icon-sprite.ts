import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'node_modules/bootstrap-icons/icons');
/** Where icons are named: in views, and beside what they stand for. */
const namedIn = ['views', 'src'];

/** What a Bootstrap icon is drawn with, inside its `<svg>`. @throws Error when there is none of that name */
export function drawingOf(name: string): { viewBox: string; shapes: string } {
  const file = join(folder, `${name}.svg`);
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) throw new Error(`there is no icon ${name}`);
  const [, viewBox = '0 0 16 16', shapes = ''] =
    /viewBox="([^"]+)"[^>]*>(.*)<\/svg>/s.exec(readFileSync(file, 'utf8')) ?? [];
  return { viewBox, shapes: shapes.replaceAll(/\s*\n\s*/g, '') };
}

/** The icons that views and code name, as far as a text in quotes tells: a few more than are used. */
export const iconsInSprite: ReadonlySet<string> = namedIcons();

function namedIcons(): Set<string> {
  const all = new Set(readdirSync(folder).map((file) => file.replace(/\.svg$/, '')));
  const texts = namedIn.flatMap((place) =>
    readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ejs|ts)$/.test(file))
      .map((file) => readFileSync(join(root, place, file), 'utf8')),
  );
  const quoted = texts.flatMap((text) =>
    [...text.matchAll(/(['"])([a-z0-9-]+)\1/g)].map(([, , name]) => name ?? ''),
  );
  return new Set(quoted.filter((name) => all.has(name)).sort());
}

/** All of them in one file, which a browser keeps: a page points into it instead of drawing the same ones again and again. */
export function sprite(): string {
  const symbols = [...iconsInSprite].map((name) => {
    const { viewBox, shapes } = drawingOf(name);
    return `<symbol id="${name}" viewBox="${viewBox}">${shapes}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`;
}
