import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

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
  /** A layout of views/shared/layouts/ other than its surface's. */
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
export function renderView(file: string, options: object, done: (error: unknown, html?: string) => void): void {
  try {
    done(null, rendered(file, options as Locals));
  } catch (error) {
    done(error);
  }
}

function rendered(file: string, options: Locals): string {
  const surface = surfaceOf(file);
  const said: Page = {};
  const locals: Locals = { ...(options._locals as Locals | undefined), ...options };
  const t = translator(locals.locale as Locale, surface);
  Object.assign(locals, { t, surface, page: (about: Page) => void Object.assign(said, about) });
  /* A component is told which icon by its name, `icon`; it finds it as `drawn`, beside the helper that draws it. */
  locals.ui = (name: string, { icon: drawn, ...given }: Locals = {}) => component(name, { ...shared(locals), ...given, drawn });
  const body = run(file, locals);
  const layout = join(root, 'shared/layouts', `${said.layout ?? layoutOf(surface)}.ejs`);
  return run(layout, { ...locals, body, about: said });
}

const surfaceOf = (file: string): Surface => {
  const folder = relative(root, file).split(sep)[0];
  return surfaces.find((surface) => surface === folder) ?? 'shared';
};

const layoutOf = (surface: Surface): string => (existsSync(join(root, 'shared/layouts', `${surface}.ejs`)) ? surface : 'public');

/* What a component knows without being told: how to speak and format, never the page's own data. */
const sharedNames = [
  't', 'ui', 'icon', 'path', 'asset', 'field', 'hasErrors', 'errors', 'date', 'dateTime', 'relativeTime', 'time', 'number',
  'percent', 'money', 'size', 'list', 'locale', 'viewer', 'brand', 'withQuery', 'nonce',
]; // prettier-ignore

const shared = (locals: Locals): Locals => Object.fromEntries(sharedNames.map((name) => [name, locals[name]]));

const component = (name: string, locals: Locals): string => run(join(root, 'shared/components', `${name}.ejs`), locals);

const compiled = new Map<string, ejs.TemplateFunction>();

function run(file: string, locals: Locals): string {
  let template = cache ? compiled.get(file) : undefined;
  template ??= ejs.compile(readFileSync(file, 'utf8'), { filename: file, root, cache: false, rmWhitespace: false });
  compiled.set(file, template);
  return template(locals);
}
