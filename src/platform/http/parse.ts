import { z } from 'zod';

import { Invalid, NotFound } from '../errors.ts';

/**
 * Reads what a form sent. A field's own message is taken when it is a locale key (`errors.tooLong`); otherwise the kind of
 * problem gives the key.
 * @throws Invalid with a locale key for each wrong field.
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join('.') || 'form'] ??= keyOf(issue);
  throw new Invalid(fields);
}

const isKey = (message: string): boolean => /^[a-z][\w-]*(\.[\w-]+)+$/i.test(message);

function keyOf(issue: z.core.$ZodIssue): string {
  if (isKey(issue.message)) return issue.message;
  if (issue.code === 'too_small' && Number(issue.minimum) === 1) return 'errors.required';
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'errors.required';
  const byCode: Partial<Record<typeof issue.code, string>> = {
    too_small: 'errors.tooShort',
    too_big: 'errors.tooLong',
  };
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'errors.email';
  return byCode[issue.code] ?? 'errors.invalid';
}

/** One line of text, as a form field sends it: trimmed, not empty, no longer than that. */
export const line = (longest = 255) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\r\n]*$/);

/** The page asked for in a list, from 1; anything odd is the first. */
export const pageNumber = z.coerce.number().int().min(1).max(100_000).default(1).catch(1);

/** How a list is sorted: `name`, or `-name` for the other way round; anything but these names is refused. */
export const sortAmong = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((text) => ({ sort: text.replace(/^-/, ''), direction: text.startsWith('-') ? 'desc' : 'asc' }))
    .pipe(z.object({ sort: z.enum(names), direction: z.enum(['asc', 'desc']) }));

/** A free search text of a list; anything odd is none. */
export const searchText = z.string().trim().max(200).default('').catch('');

/** @throws NotFound when a path's parameter cannot be one of our ids, so that PostgreSQL is never asked about it. */
export function uuidOf(parameter: unknown): string {
  const result = z.guid().safeParse(parameter);
  if (!result.success) throw new NotFound();
  return result.data.toLowerCase();
}

/** @throws NotFound when a path's parameter cannot be a Salesforce id (15 or 18 letters and digits). */
export function salesforceIdOf(parameter: unknown): string {
  const result = z
    .string()
    .regex(/^([a-z0-9]{15}|[a-z0-9]{18})$/i)
    .safeParse(parameter);
  if (!result.success) throw new NotFound();
  return result.data;
}
