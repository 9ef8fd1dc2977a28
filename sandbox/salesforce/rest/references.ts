import { ApiError } from '../errors.ts';

/** What earlier requests of a composite one answered, by their reference id. */
export type Answered = Map<string, unknown>;

/**
 * Replaces `@{ref.id}` and `@{ref.records[0].Id}` everywhere in a value.
 * @throws ApiError PROCESSING_HALTED "Invalid reference specified." for one that leads nowhere.
 */
export function fillReferences(value: unknown, answered: Answered): unknown {
  if (typeof value === 'string') return fillText(value, answered);
  if (Array.isArray(value)) return value.map((each) => fillReferences(each, answered));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, fillReferences(each, answered)]),
  );
}

const pattern = /@\{([^}]+)\}/g;

function fillText(text: string, answered: Answered): unknown {
  const [only] = /^@\{([^}]+)\}$/.exec(text) ?? [];
  if (only !== undefined) return referenced(text.slice(2, -1), answered);
  return text.replace(pattern, (_, path: string) => String(referenced(path, answered)));
}

function referenced(path: string, answered: Answered): unknown {
  const [reference = '', ...steps] = path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((step) => step.trim());
  if (!answered.has(reference)) throw invalidReference(reference);
  let value = answered.get(reference);
  for (const step of steps) value = stepInto(value, step, reference);
  if (value === undefined || value === null) throw invalidReference(reference);
  return value;
}

function stepInto(value: unknown, step: string, reference: string): unknown {
  if (typeof value !== 'object' || value === null) throw invalidReference(reference);
  const key = Object.keys(value).find((name) => name.toLowerCase() === step.toLowerCase());
  if (key === undefined) throw invalidReference(reference);
  return (value as Record<string, unknown>)[key];
}

const invalidReference = (reference: string) =>
  new ApiError(400, 'PROCESSING_HALTED', `Invalid reference specified. No value for ${reference} found.`);
