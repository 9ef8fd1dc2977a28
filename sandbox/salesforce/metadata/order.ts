import { asText } from '../soap/envelope.ts';

import type { Xml } from '../soap/envelope.ts';

/* The WSDL names elements by the alphabet, and strict clients read them in no other order. */

/** What a call answers, its elements by the alphabet. */
export function inOrder(value: Xml): Xml {
  return sorted(value, (one, other) => (one < other ? -1 : 1));
}

/** A component's metadata: its full name, then the rest by the alphabet; parts of it likewise. */
export function canonical(metadata: Record<string, unknown>): Record<string, Xml> {
  const rank = (name: string) => (name.startsWith('@') ? 0 : name === 'fullName' ? 1 : 2);
  return sorted(metadata as Xml, (one, other) => rank(one) - rank(other) || (one < other ? -1 : 1)) as Record<
    string,
    Xml
  >;
}

function sorted(value: Xml, compare: (one: string, other: string) => number): Xml {
  if (Array.isArray(value)) return value.map((each) => sorted(each, compare));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => compare(one, other));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each, compare)]));
}

/** Metadata as a client sent it, without its attributes and without what it left empty by `xsi:nil`. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const text = asText(value);
  if (text !== undefined) return text;
  const entries = Object.entries(value).filter(([name, each]) => !name.startsWith('@') && !isNil(each));
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each)]));
}

const isNil = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '@nil' in value && value['@nil'] === 'true';
