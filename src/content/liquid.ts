import { Context, type FS, Liquid, type Template, toValueSync } from 'liquidjs';

import type { Locale } from '../platform/locale.ts';

import { escapes, places } from './escaping.ts';
import { Day, teller } from './values-told.ts';

/** What authors may use of Liquid. What is not named does not exist: nothing that reads files, keeps state, or turns escaping off. */
export const allowedTags = [
  'if', 'elsif', 'else', 'endif', 'unless', 'endunless', 'case', 'when', 'endcase', 'for', 'endfor', 'break', 'continue', 'assign',
] as const; // prettier-ignore

const allowedFilters = [
  'upcase', 'downcase', 'capitalize', 'append', 'prepend', 'strip', 'lstrip', 'rstrip', 'truncate', 'truncatewords', 'replace',
  'replace_first', 'remove', 'remove_first', 'size', 'first', 'last', 'join', 'plus', 'minus', 'times', 'divided_by', 'modulo', 'abs',
  'round', 'ceil', 'floor', 'at_least', 'at_most', 'reverse', 'uniq', 'compact', 'slice', 'split',
] as const; // prettier-ignore

/** What one piece of a message may cost one recipient: counted, not timed, since a machine that is busy must fail nobody. */
export const bounds = { steps: 20_000, memory: 200_000, characters: 60_000, source: 700_000 } as const;

const noFiles: FS = {
  exists: () => Promise.resolve(false),
  existsSync: () => false,
  readFile: () => Promise.reject(new Error('there are no files')),
  readFileSync: () => {
    throw new Error('there are no files');
  },
  resolve: (_directory, file) => file,
};

const engines = new Map<Locale, Liquid>();

/** Liquid as messages of a language are written in it. */
export function liquidFor(locale: Locale): Liquid {
  let engine = engines.get(locale);
  engine ??= makeLiquid(locale);
  engines.set(locale, engine);
  return engine;
}

function makeLiquid(locale: Locale): Liquid {
  const engine = new Liquid({
    fs: noFiles,
    relativeReference: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    dynamicPartials: false,
    parseLimit: bounds.source,
    memoryLimit: bounds.memory,
  });
  keepOnly(engine.tags, allowedTags);
  keepOnly(engine.filters, allowedFilters);
  const told = teller(locale);
  for (const place of places)
    engine.registerFilter(`as_${place}`, (value: unknown) => escapes[place](told(value)));
  engine.registerFilter('default', (value: unknown, instead: unknown) =>
    isMissing(value) ? instead : value,
  );
  engine.registerFilter('days_left', daysLeft);
  return engine;
}

function keepOnly(registry: Record<string, unknown>, names: readonly string[]): void {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- Liquid's own registry, which cannot be replaced
  for (const name of Object.keys(registry)) if (!names.includes(name)) delete registry[name];
}

/** Nothing to show: what `default` stands in for. */
export const isMissing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

function daysLeft(this: { context: Context }, value: unknown): number | null {
  const today: unknown = this.context.getSync(['today']);
  if (!(value instanceof Day) || !(today instanceof Day)) return null;
  return Math.round((Date.parse(value.day) - Date.parse(today.day)) / 86_400_000);
}

/** Liquid looks at its limit before each step. */
function stepLimit(): Context['renderLimit'] {
  let steps = 0;
  const check = () => {
    steps += 1;
    if (steps > bounds.steps) throw new TooLarge('a merge field took too many steps');
  };
  return { check, use: check } as unknown as Context['renderLimit'];
}

/** A message that one recipient's values made too large. */
class TooLarge extends Error {}

/** Renders within the bounds. @throws what Liquid throws beyond them, or for what it cannot do */
export function renderBounded(engine: Liquid, templates: Template[], scope: object): string {
  const context = new Context(scope, engine.options, { sync: true }, { renderLimit: stepLimit() });
  const emitter = {
    buffer: '',
    write(text: unknown) {
      this.buffer += typeof text === 'string' ? text : '';
      if (this.buffer.length > bounds.characters)
        throw new TooLarge('a merge field made the message too large');
    },
  };
  toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
  return emitter.buffer;
}
