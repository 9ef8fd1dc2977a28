import { ApiError, saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import type { Field, FieldType } from '../schema/catalog.ts';
import type { Value } from './hooks.ts';
import { isId, toLongId } from './ids.ts';

/** A value as it will be stored, or why it can't be. */
export type Parsed = { value: Value } | { error: SaveError };

/** Reads a JSON value (or, from CSV, a text) for a field. @throws ApiError JSON_PARSER_ERROR for a value of another JSON type. */
export function parseValue(field: Field, input: unknown): Parsed {
  if (input === null || input === undefined || input === '') {
    return field.type === 'boolean' ? wrongType(field, String(input)) : { value: null };
  }
  return (parsers[field.type] ?? parseText)(field, input);
}

type Parser = (field: Field, input: unknown) => Parsed;

const parseText: Parser = (field, input) => {
  if (typeof input !== 'string') throw notDeserializable('string', input);
  const text = input.replaceAll('\0', '').trim();
  if (text === '') return { value: null };
  if (sizeOf(field, text) <= field.length) return { value: text };
  const shown = text.length > 300 ? `${text.slice(0, 300)}...` : text;
  return failed(
    'STRING_TOO_LONG',
    `${field.label}: data value too large: ${shown} (max length=${String(field.length)})`,
    field,
  );
};

/** Case comments are limited in bytes, everything else in characters. */
const sizeOf = (field: Field, text: string) =>
  field.name === 'CommentBody' ? Buffer.byteLength(text) : text.length;

const parsePicklist: Parser = (field, input) => {
  const parsed = parseText(field, input);
  if ('error' in parsed || !field.restrictedPicklist || typeof parsed.value !== 'string') return parsed;
  const known = field.picklistValues.filter((each) => each.active).map((each) => each.value);
  const chosen = field.type === 'multipicklist' ? parsed.value.split(';') : [parsed.value];
  const bad = chosen.find((value) => !known.includes(value));
  if (bad === undefined) return parsed;
  return failed(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${bad}`,
    field,
  );
};

const parseEmail: Parser = (field, input) => {
  const parsed = parseText(field, input);
  if ('error' in parsed || typeof parsed.value !== 'string') return parsed;
  if (/^[^\s@,;<>()]+@[^\s@,;<>()]+\.[^\s@,;<>().]+$/.test(parsed.value)) return parsed;
  return failed('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${parsed.value}`, field);
};

const parseBoolean: Parser = (field, input) => {
  if (typeof input === 'boolean') return { value: input };
  if (typeof input !== 'string') throw notDeserializable('boolean', input);
  const text = input.toLowerCase();
  if (text === 'true' || text === '1') return { value: true };
  return text === 'false' || text === '0' ? { value: false } : wrongType(field, input);
};

const parseNumber: Parser = (field, input) => {
  if (typeof input !== 'number' && typeof input !== 'string') throw notDeserializable('double', input);
  const number = Number(input);
  const isWhole = field.type === 'int' || field.type === 'long';
  if (!Number.isFinite(number) || (isWhole && !Number.isInteger(number)))
    return wrongType(field, String(input));
  if (Math.abs(number) > largest(field)) {
    const message = `${field.label}: value outside of valid range on numeric field: ${String(input)}`;
    return failed('NUMBER_OUTSIDE_VALID_RANGE', message, field);
  }
  return { value: isWhole ? number : Number(number.toFixed(Math.min(field.scale, 15))) };
};

function largest({ type, precision, scale }: Field): number {
  if (type === 'int') return 2 ** 31 - 1;
  const digits = precision > 0 ? precision - scale : 18;
  return digits > 15 ? 10 ** digits : 10 ** digits - 10 ** -scale;
}

const parseDate: Parser = (field, input) => {
  if (typeof input !== 'string') throw notDeserializable('date', input);
  const day = /^\d{4}-\d{2}-\d{2}/.exec(input)?.[0];
  if (!day || Number.isNaN(Date.parse(day)) || new Date(day).toISOString().slice(0, 10) !== day)
    return wrongType(field, input);
  return { value: day };
};

const parseMoment: Parser = (field, input) => {
  if (typeof input !== 'string') throw notDeserializable('datetime', input);
  const milliseconds = Date.parse(input.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (!/^\d{4}-/.test(input) || Number.isNaN(milliseconds)) return wrongType(field, input);
  return { value: new Date(Math.floor(milliseconds / 1000) * 1000).toISOString() };
};

const parseReference: Parser = (field, input) => {
  if (typeof input !== 'string') throw notDeserializable('reference', input);
  if (isId(input)) return { value: toLongId(input) };
  return failed('MALFORMED_ID', `${field.label}: id value of incorrect type: ${input}`, field);
};

const parsers: Partial<Record<FieldType, Parser>> = {
  id: parseReference,
  reference: parseReference,
  boolean: parseBoolean,
  int: parseNumber,
  long: parseNumber,
  double: parseNumber,
  currency: parseNumber,
  percent: parseNumber,
  date: parseDate,
  datetime: parseMoment,
  picklist: parsePicklist,
  multipicklist: parsePicklist,
  email: parseEmail,
};

const failed = (code: string, message: string, field: Field): Parsed => ({
  error: saveError(code, message, [field.name]),
});

const wrongType = (field: Field, input: string): Parsed =>
  failed('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: ${input}`, field);

function notDeserializable(type: string, input: unknown): ApiError {
  const kind = jsonKinds[typeof input] ?? 'START_OBJECT';
  const shown = typeof input === 'object' ? '' : ` value ${JSON.stringify(input)}`;
  const message = `Cannot deserialize instance of ${type} from ${kind}${shown} or request may be missing a required field at [line:1, column:1]`;
  return new ApiError(400, 'JSON_PARSER_ERROR', message);
}

const jsonKinds: Partial<Record<string, string>> = {
  number: 'VALUE_NUMBER_INT',
  boolean: 'VALUE_TRUE',
  string: 'VALUE_STRING',
};

/** The contents of a base64 field: text from JSON, bytes from a multipart request. @throws ApiError */
export function parseBinary(field: Field, input: unknown): Buffer | undefined {
  if (input === null || input === undefined || input === '') return undefined;
  if (Buffer.isBuffer(input)) return input;
  if (typeof input !== 'string') throw notDeserializable('base64Binary', input);
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(input))
    throw new ApiError(400, 'JSON_PARSER_ERROR', `${field.label}: value is not base64`);
  return Buffer.from(input, 'base64');
}
