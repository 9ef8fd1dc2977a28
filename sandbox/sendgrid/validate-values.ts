export type Fields = Record<string, unknown>;

/** The value as an object; empty when it is none. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** The value as a list; empty when it is none. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const isFilled = (value: unknown): boolean => typeof value === 'string' && value.length > 0;
