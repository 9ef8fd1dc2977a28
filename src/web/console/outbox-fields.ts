import { z } from 'zod';

import { Invalid } from '../../platform/errors.ts';
import type { Value } from '../../platform/salesforce/outbox/outbox.ts';

import { textOf } from './values.ts';

/* A refused row's fields as a form: each is written as typed, emptied, or left out, and never emptied by accident. */

export type FieldWay = 'write' | 'empty' | 'skip';

interface FieldForm {
  name: string;
  kind: 'text' | 'number' | 'boolean';
  text: string;
  way: FieldWay;
  isLong: boolean;
}

const LONG = 80;

/** The fields of a row as a form starts with them. */
export function fieldForms({ fields }: { fields: Readonly<Record<string, unknown>> }): FieldForm[] {
  return Object.entries(fields).map(([name, value]) => {
    const text = textOf(value) ?? '';
    return {
      name,
      kind: kindOf(value),
      text,
      way: value === null ? 'empty' : 'write',
      isLong: text.length > LONG || text.includes('\n'),
    };
  });
}

function kindOf(value: unknown): FieldForm['kind'] {
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}

const Typed = z.record(z.string(), z.string().max(131_072).optional().catch(undefined));

/** What was typed, in the types that the fields had. @throws Invalid, also when nothing is left to be written */
export function mendedFrom(fields: Readonly<Record<string, unknown>>, body: unknown): Record<string, Value> {
  const typed = Typed.parse(body ?? {});
  const mended = Object.entries(fields).flatMap(([name, before]) => {
    const way = typed[`way.${name}`] ?? 'write';
    if (way === 'empty') return [[name, null] as const];
    return way === 'write' ? [[name, typedAs(kindOf(before), typed[`value.${name}`] ?? '')] as const] : [];
  });
  const wrong = mended.filter(([, value]) => value === undefined);
  if (wrong.length > 0)
    throw new Invalid(Object.fromEntries(wrong.map(([name]) => [`value.${name}`, 'outbox.errors.value'])));
  if (mended.length === 0) throw new Invalid({ form: 'outbox.errors.nothing' });
  return Object.fromEntries(mended) as Record<string, Value>;
}

/** An empty text is no value: emptying a field is asked for in words. */
function typedAs(kind: FieldForm['kind'], text: string): Value | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (kind === 'boolean') return trimmed === 'true' ? true : trimmed === 'false' ? false : undefined;
  if (kind === 'text') return text.replaceAll('\r\n', '\n');
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
}
