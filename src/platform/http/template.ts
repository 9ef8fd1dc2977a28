import { dirname, join } from 'node:path';

import ejs from 'ejs';

export type Locals = Record<string, unknown>;

/** What a template can name: values, and around them those of whoever runs it. */
export interface Scope {
  values: Locals;
  outer?: Scope | undefined;
}

/** A template of EJS that is ready to run. */
export interface Template {
  render: (scope: Scope) => string;
  /** The file that an `include` of it means: `/shared/parts/head` from the folder of views, `entry` from its own. */
  pathOf: (included: string) => string;
}

/**
 * Compiles a template. What it names become variables of a function, as quick as any other: the library's own `with` looks each of them
 * up by name, over and over. Which ones there are differs from page to page, so there is a function for each set; a name that is not
 * there stays unknown, and throws where it is used.
 *
 * Scopes are looked through, not inherited from: each object that others inherit from gets a hidden class of its own, which holds it,
 * and with it a page's whole data, until the next full collection of garbage.
 */
export function template(
  file: string,
  { text, root, include }: { text: string; root: string; include: (scope: Scope) => unknown },
): Template {
  const names = namesIn(text);
  const variants: Variant[] = [];
  const paths = new Map<string, string>();
  return {
    render(scope) {
      const locals = found(names, scope);
      if (names.includes('include')) locals.include = include(scope);
      const there = Object.keys(locals);
      const known = variants.find((one) => isFor(one, locals, there.length));
      const variant = known ?? variantOf(there, { file, text });
      if (known === undefined) variants.push(variant);
      return variant.render(locals);
    },
    pathOf(included) {
      const known = paths.get(included);
      if (known !== undefined) return known;
      const path = join(included.startsWith('/') ? root : dirname(file), `${included}.ejs`);
      paths.set(included, path);
      return path;
    },
  };
}

/** Those of the names that there are, the innermost of each. */
function found(names: readonly string[], scope: Scope): Locals {
  const locals: Locals = {};
  for (const name of names) {
    let at: Scope | undefined = scope;
    while (at !== undefined && !(name in at.values)) at = at.outer;
    if (at !== undefined) locals[name] = at.values[name];
  }
  return locals;
}

interface Variant {
  names: readonly string[];
  render: (locals: Locals) => string;
}

const isFor = ({ names }: Variant, locals: Locals, count: number): boolean =>
  names.length === count && names.every((name) => name in locals);

/* In a block of its own a template may call a variable what one of its locals is called. */
function variantOf(names: readonly string[], { file, text }: { file: string; text: string }): Variant {
  const options = {
    filename: file,
    _with: false,
    destructuredLocals: [...names],
    escape: escaped,
    async: false as const,
    unsafePrototypeLocals: true,
  };
  const render = ejs.compile(`<%{%>${text}<%}%>`, options);
  return { names, render };
}

/* No variable can be called that. */
const reserved = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof let new null return static super switch this throw true try typeof undefined var void while with yield escapeFn rethrow'.split(' '),
); // prettier-ignore

/** Every word of a template's code that may name one of its locals. */
function namesIn(text: string): string[] {
  const code = [...text.matchAll(/<%(?!#)([\s\S]*?)%>/g)].map(([, inside]) => inside ?? '').join('\n');
  const named = new Set(code.match(/[A-Za-z_$][\w$]*/g) ?? []);
  return [...named].filter(
    (name) => !reserved.has(name) && !name.startsWith('__') && !(name in Object.prototype),
  );
}

const special = /[&<>"']/;
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** What `<%=` writes. Most texts need no escaping. */
function escaped(value?: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : `${value as number}`;
  return special.test(text) ? text.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter) : text;
}
