import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { config } from '../config.ts';
import type { Locale } from '../locale.ts';
import { type Surface, surfaces, translator } from '../words.ts';

import { type Locals, type Scope, template, type Template } from './template.ts';

const root = join(import.meta.dirname, '../../../views');
const cache = config.NODE_ENV !== 'development';

/** What a page says about itself, for its layout. */
export interface Page {
  /** Shown in the browser's tab, before the brand's name. */
  title?: string;
  /** The entry of the navigation that it belongs to. */
  nav?: string;
  /** A layout of views/shared/layouts/ other than its surface's; `own` is that of the viewer's own rooms. */
  layout?: string;
  /** `wide` uses the whole window, `narrow` suits a form. */
  width?: 'wide' | 'narrow';
  /** Further scripts, by the path that `asset` takes. */
  scripts?: string[];
}

/**
 * Renders a view of EJS inside the layout of its surface (the first folder of its path), with `t` bound to that surface's
 * words. The view names its title and place by calling `page({...})`.
 */
export function renderView(
  file: string,
  options: object,
  done: (error: unknown, html?: string) => void,
): void {
  try {
    done(null, rendered(file, options as Locals));
  } catch (error) {
    done(error);
  }
}

function rendered(file: string, options: Locals): string {
  const surface = surfaceOf(file);
  const said: Page = {};
  const given: Locals = { ...(options._locals as Locals | undefined), ...options };
  const t = translator(given.locale as Locale, surface);
  const locals: Locals = { ...given, t, surface, page: (about: Page) => void Object.assign(said, about) };
  const known: Scope = { values: shared(locals) };
  /* A component is told which icon by its name, `icon`; it finds it as `drawn`, beside the helper that draws it. */
  locals.ui = known.values.ui = (name: string, given: Locals = {}) =>
    run(componentFile(name), { values: { ...given, drawn: given.icon, icon: locals.icon }, outer: known });
  const page: Scope = { values: locals };
  const body = run(file, page);
  const layout = said.layout === 'own' ? ownLayout(locals.viewer) : (said.layout ?? layoutOf(surface));
  const words = translator(locals.locale as Locale, ...surfaces.filter((each) => each === layout), surface);
  const values = { body, about: said, t: words };
  return run(join(root, 'shared/layouts', `${layout}.ejs`), { values, outer: page });
}

const ownRooms: Record<string, string> = { customer: 'portal', partner: 'partner', staff: 'console' };

const ownLayout = (viewer: unknown): string =>
  ownRooms[(viewer as { kind?: string } | undefined)?.kind ?? ''] ?? 'public';

const surfaceOf = (file: string): Surface => {
  const folder = relative(root, file).split(sep)[0];
  return surfaces.find((surface) => surface === folder) ?? 'shared';
};

const withLayout = new Set(
  surfaces.filter((surface) => existsSync(join(root, 'shared/layouts', `${surface}.ejs`))),
);
const layoutOf = (surface: Surface): string => (withLayout.has(surface) ? surface : 'public');

/* What a component knows without being told: how to speak and format, never the page's own data. */
const sharedNames = [
  't', 'icon', 'path', 'asset', 'field', 'hasErrors', 'errors', 'date', 'dateTime', 'relativeTime', 'time', 'number',
  'percent', 'money', 'size', 'list', 'locale', 'viewer', 'brand', 'withQuery', 'nonce',
]; // prettier-ignore

const shared = (locals: Locals): Locals =>
  Object.fromEntries(sharedNames.map((name) => [name, locals[name]]));

const remembered = <T>(work: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, T>();
  return (key) => {
    if (!cache) return work(key);
    const found = known.get(key) ?? work(key);
    known.set(key, found);
    return found;
  };
};

const componentFile = remembered((name) => join(root, 'shared/components', `${name}.ejs`));
const templateOf: (file: string) => Template = remembered((file) =>
  template(file, {
    text: readFileSync(file, 'utf8'),
    root,
    /* Ours, since the library's looks for the file each time. */
    include: (outer) => (path: string, values?: Locals) =>
      run(templateOf(file).pathOf(path), values === undefined ? outer : { values, outer }),
  }),
);

const run = (file: string, scope: Scope): string => templateOf(file).render(scope);
