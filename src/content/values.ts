import type { Db } from '../platform/db.ts';
import type { Locale } from '../platform/locale.ts';

import { type Compiled, type Part, partOf } from './compiled.ts';
import { anyMark, linkMark, OPEN, PREFERENCES, UNSUBSCRIBE } from './marks.ts';
import { scopesOf, TooLong } from './scopes.ts';
import type { Scope } from './slots.ts';

/** Mark → what stands there, escaped. */
export type SlotValues = Readonly<Record<string, string>>;

/** Somebody that a message is made for. */
export interface Target {
  /** The ledger's row. */
  n: number;
  /** account_people.id */
  personId: number;
  locale: string;
  variant: number;
}

/** What of ours stands in a message, made by whoever sends it. Addresses hold nothing that HTML would have to escape but `&`. */
export interface Hooks {
  /** The address to follow a link by; the link's own where clicks are not counted. */
  link: (n: number, link: { number: number; url: string }) => string;
  unsubscribe: (n: number) => string;
  preferences: (n: number, locale: Locale) => string;
  /** The address of the open pixel; none where opens are not counted. */
  open?: (n: number) => string;
  /** The address of a link that no person sees: who follows it is a machine. */
  trap?: (n: number) => string;
}

/** What a recipient gets. */
interface Row {
  part: Part;
  /** Where they were written: the way out alone. */
  values: SlotValues;
  written?: object;
}

export interface Merged {
  rows: ReadonlyMap<number, Row>;
  /** Who could not be merged, and why: `content_gone`, `content_value_too_long`, `content_failed`. */
  failed: ReadonlyMap<number, { reason: string; detail: string }>;
}

export interface Merging {
  asOf: Date;
  hooks: Hooks;
  /** Writes values as they go out; undefined where that cannot be done beforehand. That is kept at less cost than what it was made of. */
  write?: ((values: SlotValues, message: Part['message']) => object | undefined) | undefined;
}

export async function mergeAll(
  tx: Db,
  compiled: Compiled,
  targets: readonly Target[],
  { asOf, hooks, write }: Merging,
): Promise<Merged> {
  const rows = new Map<number, Row>();
  const failed = new Map<number, { reason: string; detail: string }>();
  const scopeOf = await scopesOf(tx, compiled, targets, asOf);
  for (const target of targets) {
    const scope = scopeOf(target);
    const part = partOf(compiled, target.locale, target.variant);
    if (scope === undefined) failed.set(target.n, { reason: 'content_gone', detail: '' });
    else if (scope instanceof TooLong)
      failed.set(target.n, { reason: 'content_value_too_long', detail: scope.message });
    else mergeInto(rows, failed, { target, part, scope, hooks, write });
  }
  return { rows, failed };
}

function mergeInto(
  rows: Map<number, Row>,
  failed: Map<number, { reason: string; detail: string }>,
  {
    target,
    part,
    scope,
    hooks,
    write,
  }: { target: Target; part: Part; scope: Scope } & Pick<Merging, 'hooks' | 'write'>,
): void {
  try {
    const values = mergeOne(part, scope, { n: target.n, hooks });
    const written = write?.(values, part.message);
    rows.set(target.n, written === undefined ? { part, values } : { part, values: wayOut(values), written });
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 300) : '';
    failed.set(target.n, { reason: 'content_failed', detail });
  }
}

const wayOut = ({ [UNSUBSCRIBE]: address }: SlotValues): SlotValues =>
  address === undefined ? {} : { [UNSUBSCRIBE]: address };

/** The values of one recipient's slots, of the links, and of what is ours. */
export function mergeOne(part: Part, scope: Scope, { n, hooks }: { n: number; hooks: Hooks }): SlotValues {
  const values: Record<string, string> = {
    [UNSUBSCRIBE]: hooks.unsubscribe(n),
    [PREFERENCES]: hooks.preferences(n, part.locale),
    [OPEN]: `${pixel(hooks.open?.(n))}${trap(hooks.trap?.(n))}`,
  };
  for (const { number, target } of part.links)
    values[linkMark(number)] = hooks.link(n, { number, url: target(scope) });
  for (const { mark, render, hasMarks } of part.slots) {
    const rendered = render(scope);
    values[mark] = hasMarks ? rendered.replace(anyMark, (inner) => values[inner] ?? '') : rendered;
  }
  return values;
}

const pixel = (address: string | undefined) =>
  address === undefined
    ? ''
    : `<img src="${address}" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px">`;

const trap = (address: string | undefined) =>
  address === undefined
    ? ''
    : `<div style="display:none" aria-hidden="true"><a href="${address}" tabindex="-1" rel="nofollow">&nbsp;</a></div>`;
