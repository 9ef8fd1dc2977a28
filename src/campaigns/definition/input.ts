import type { z } from 'zod';

import { Invalid } from '../../platform/errors.ts';

/** Takes what somebody wrote. @throws Invalid, by field, with a locale key */
export function taken<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const { path, message } of result.error.issues)
    fields[path.join('.') || 'form'] ??= /^[a-z]\w*(\.\w+)+$/i.test(message) ? message : 'errors.invalid';
  throw new Invalid(fields);
}
