import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

import ejs from 'ejs';

import { config } from '../config.ts';
import type { Locale } from '../locale.ts';
import { type Surface, surfaces, translator } from '../words.ts';

const root = join(import.meta.dirname, '../../../views');
const cache = config.NODE_ENV !== 'development';

type Locals = Record<string, unknown>;

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
  const locals: Locals = bare({ ...(options._locals as Locals | undefined), ...options });
  const t = translator(locals.locale as Locale, surface);
  Object.assign(locals, { t, surface, page: (about: Page) => void Object.assign(said, about) });
  const known = shared(locals);
  /* A component is told which icon by its name, `icon`; it finds it as `drawn`, beside the helper that draws it. */
  locals.ui = known.ui = (name: string, { icon: drawn, ...given }: Locals = {}) =>
    component(name, within(known, { ...given, drawn }));
  const body = run(file, locals);
  const layout = said.layout === 'own' ? ownLayout(locals.viewer) : (said.layout ?? layoutOf(surface));
  const words = translator(locals.locale as Locale, ...surfaces.filter((each) => each === layout), surface);
  return run(join(root, 'shared/layouts', `${layout}.ejs`), within(locals, { body, about: said, t: words }));
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
  bare(Object.fromEntries(sharedNames.map((name) => [name, locals[name]])));

const component = (name: string, locals: Locals): string =>
  run(join(root, 'shared/components', `${name}.ejs`), locals);

/* Locals have no prototype but other locals: a view cannot reach what every object inherits by naming it. */
const bare = (locals: Locals): Locals => Object.assign(Object.create(null) as Locals, locals);

/* What is given stands before what is known around it, without copying that. */
const within = (known: Locals, given: Locals): Locals => Object.assign(Object.create(known) as Locals, given);

/* Newer than the library's types: locals may be inherited, since ours have no other prototype. */
const inheriting = { unsafePrototypeLocals: true, async: false } as const;

const compiled = new Map<string, ejs.TemplateFunction>();

/** Runs a template. Its `include` is ours: the library's copies every local and looks for the file each time (half of a page's cost). */
function run(file: string, locals: Locals): string {
  let template = cache ? compiled.get(file) : undefined;
  template ??= ejs.compile(readFileSync(file, 'utf8'), { ...inheriting, filename: file });
  compiled.set(file, template);
  const scope = within(locals, {
    include: (path: string, given: Locals = {}) => run(includedFrom(file, path), within(scope, given)),
  });
  return template(scope);
}

/* `/shared/parts/head` from the folder of views, `entry` from the including view's own. */
const includedFrom = (file: string, path: string): string =>
  join(path.startsWith('/') ? root : dirname(file), `${path}.ejs`);
