import type { Liquid } from 'liquidjs';

import { escapes, type Place, places } from './escaping.ts';
import { isMissing, renderBounded } from './liquid.ts';
import { isMarked, slotMark } from './marks.ts';
import { blocksOf, type Token } from './tokens.ts';
import { Day, Money } from './values-told.ts';

/** The values of one recipient by their path: `{ person: { name: 'Ada' }, account: { … } }`. */
export type Scope = Readonly<Record<string, unknown>>;

/** Where a message differs between recipients, and what stands there for one. */
export interface Slot {
  mark: string;
  render: (scope: Scope) => string;
  /** Whether there are links of ours within it. */
  hasMarks: boolean;
}

/** Cuts templates into skeletons and slots; the same slot in several of them is one. */
export interface Cutter {
  cut: (source: string) => string;
  slots: readonly Slot[];
}

/** @param told how values are told in the language */
export function cutter(engine: Liquid, told: (value: unknown) => string): Cutter {
  const slots: Slot[] = [];
  const known = new Map<string, string>();
  const markOf = (source: string, render: () => Slot['render']): string => {
    const mark = known.get(source) ?? slotMark(slots.length + 1);
    if (!known.has(source)) slots.push({ mark, render: render(), hasMarks: isMarked(source) });
    known.set(source, mark);
    return mark;
  };
  const cut: Cutter['cut'] = (source) => {
    let assigned = '';
    const pieces = blocksOf(source).map((block) => {
      if (block.kind === 'static') return block.text;
      if (block.name === 'assign') {
        assigned += block.text;
        return '';
      }
      const whole = assigned + block.text;
      const simple = assigned === '' ? simpleOutput(block, told) : undefined;
      return markOf(whole, () => simple ?? interpreted(engine, whole));
    });
    return pieces.join('');
  };
  return { cut, slots };
}

const simple =
  /^([a-z]\w*(?:\.\w+)*)(?:\s*\|\s*default:\s*(?:"([^"\\]*)"|'([^'\\]*)'))?(?:\s*\|\s*as_(\w+))?$/i;
/* Liquid gives these a meaning of its own. */
const special = /\.(size|first|last)\b/;

/**
 * Most merge fields are a path with a fallback: read and escaped directly, an order of magnitude faster than by the interpreter, with
 * the same outcome (test/content/slots.test.ts holds both against each other).
 */
function simpleOutput({ kind, inner }: Token, told: (value: unknown) => string): Slot['render'] | undefined {
  const [, path, doubleQuoted, singleQuoted, name] = (kind === 'output' ? simple.exec(inner) : null) ?? [];
  if (path === undefined || special.test(path)) return undefined;
  const value = reader(path.split('.'));
  if (name === undefined) return (scope) => asText(value(scope));
  const place = places.find((each) => each === name);
  if (place === undefined) return undefined;
  const fallback = doubleQuoted ?? singleQuoted;
  return fallback === undefined
    ? plainly(value, told, place)
    : withFallback(value, told, { place, fallback });
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

function plainly(value: Reader, told: (value: unknown) => string, place: Place): Slot['render'] {
  const escape = escapes[place];
  return (scope) => escape(told(value(scope)));
}

function withFallback(
  value: Reader,
  told: (value: unknown) => string,
  { place, fallback }: { place: Place; fallback: string },
): Slot['render'] {
  const escape = escapes[place];
  const instead = escape(told(fallback));
  return (scope) => {
    const found = value(scope);
    return isMissing(found) ? instead : escape(told(found));
  };
}

type Reader = (scope: Scope) => unknown;

/** Reads a path; what is not the values' own (`constructor`) is not there. */
function reader(path: readonly string[]): Reader {
  return (scope) => {
    let value: unknown = scope;
    for (const step of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string, unknown>)[step];
    }
    return value;
  };
}

const MOST_REMEMBERED = 5_000;

/** A template that cannot be read is nobody's message: each recipient fails with what is wrong with it. */
function interpreted(engine: Liquid, source: string): Slot['render'] {
  try {
    return remembering(engine, source);
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Conditions and loops say the same for recipients of whom what they look at is the same: one is rendered, the others have it. */
function remembering(engine: Liquid, source: string): Slot['render'] {
  const templates = engine.parse(source);
  const looked = pathsOf(engine, source).map(reader);
  const remembered = new Map<string, string>();
  return (scope) => {
    const key = looked.map((read) => keyOf(read(scope))).join('\u0001');
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const rendered = renderBounded(engine, templates, scope);
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(key, rendered);
    return rendered;
  };
}

/** What a template looks at, as far as its names are known beforehand. */
export const pathsOf = (engine: Liquid, source: string): string[][] =>
  engine.globalVariableSegmentsSync(source).map((segments) => {
    const until = segments.findIndex((segment) => typeof segment !== 'string');
    return (until < 0 ? segments : segments.slice(0, until)).map(String);
  });

const ids = new WeakMap<object, number>();
let lastId = 0;

/** Tells values apart; objects by which they are, so that rows that recipients share are compared at no cost. */
function keyOf(value: unknown): string {
  if (value instanceof Day) return `d${value.day}`;
  if (value instanceof Money) return `m${value.minor}`;
  if (typeof value !== 'object' || value === null) return `${typeof value}${String(value)}`;
  const id = ids.get(value) ?? ++lastId;
  ids.set(value, id);
  return `o${id}`;
}
