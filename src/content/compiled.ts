import type { Locale } from '../platform/locale.ts';

import type { BuiltPart, MessageVersion } from './content.ts';
import type { MessageContent } from './document.ts';
import { safeUrl } from './escaping.ts';
import { liquidFor } from './liquid.ts';
import { chainOf } from './locales.ts';
import { filled } from './marks.ts';
import { cutter, type Scope, type Slot } from './slots.ts';
import { teller } from './values-told.ts';

/** A message ready to be merged: compiled once, in each of its languages and variants. */
export interface Compiled {
  messageId: string;
  version: number;
  defaultLocale: Locale;
  parts: ReadonlyMap<string, Part>;
  /** The merge fields that are looked at, by their names in the catalog. */
  fields: readonly string[];
  tables: MessageContent['tables'];
  /** Whether it goes through the accounts of a person. */
  listsAccounts: boolean;
}

/** One language of one variant. */
export interface Part {
  locale: Locale;
  variant: number;
  /** With marks where recipients differ; the same object for all who get it. */
  message: { subject: string; html: string; text: string };
  slots: readonly Slot[];
  links: readonly Link[];
}

/** A link that can be followed up. Its mark is `%l<number>%`. */
export interface Link {
  /** Within the version, over all languages and variants. */
  number: number;
  label: string;
  /** Where it leads, for a recipient. */
  target: (scope: Scope) => string;
}

const found = new WeakMap<Compiled, Map<string, Part>>();

/** What is said to somebody of this language and variant: the nearest language that the message has, else its default one. */
export function partOf(compiled: Compiled, locale: string, variant: number): Part {
  const known = found.get(compiled) ?? new Map<string, Part>();
  found.set(compiled, known);
  const name = `${locale}/${variant}`;
  const part = known.get(name) ?? nearest(compiled, locale, variant);
  known.set(name, part);
  return part;
}

function nearest({ parts, defaultLocale }: Compiled, locale: string, variant: number): Part {
  const places = [...chainOf(locale), defaultLocale];
  const names = [variant, 0].flatMap((each) => places.map((place) => `${place}/${each}`));
  const part = names.map((name) => parts.get(name)).find((each) => each !== undefined);
  if (part === undefined) throw new Error('a message without its default language');
  return part;
}

/** Compiles a version of a message. */
export function compile({ messageId, version, content, built }: MessageVersion): Compiled {
  const { defaultLocale, tables } = content;
  const parts = new Map(built.parts.map((part) => [`${part.locale}/${part.variant}`, compilePart(part)]));
  const listsAccounts = JSON.stringify(built.parts).includes('person.accounts');
  return { messageId, version, defaultLocale, tables, parts, fields: built.fields, listsAccounts };
}

function compilePart({ locale, variant, subject, html, text, links }: BuiltPart): Part {
  const { cut, slots } = cutter(liquidFor(locale), teller(locale));
  const message = { subject: cut(subject), html: cut(html), text: cut(text) };
  return { locale, variant, message, slots, links: links.map((link) => compileLink(link, locale)) };
}

function compileLink({ number, url, label }: BuiltPart['links'][number], locale: Locale): Link {
  const { cut, slots } = cutter(liquidFor(locale), teller(locale));
  const skeleton = cut(url);
  if (slots.length === 0) return { number, label, target: () => url };
  const target = (scope: Scope) =>
    safeUrl(filled(skeleton, Object.fromEntries(slots.map(({ mark, render }) => [mark, render(scope)]))));
  return { number, label, target };
}
