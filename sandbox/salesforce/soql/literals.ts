import { isId, toLongId } from '../records/ids.ts';
import type { Field, FieldType } from '../schema/catalog.ts';
import { isFolded } from './functions.ts';
import type { Scope } from './scope.ts';
import { errorAtLast } from './source.ts';
import { nameOf, textOf } from './syntax.ts';
import type { Expression, Literal } from './syntax.ts';

/** Which literals a type may be compared with, and how messages name it. */
interface Kind {
  takes: Literal['type'][];
  name: string;
  quoted: boolean;
}

const textKind: Kind = { takes: ['string'], name: 'string', quoted: true };
const numberKind: Kind = { takes: ['number'], name: 'double', quoted: false };
const kinds: Partial<Record<FieldType, Kind>> = {
  boolean: { takes: ['boolean'], name: 'boolean', quoted: false },
  int: { ...numberKind, name: 'int' },
  long: numberKind,
  double: numberKind,
  currency: numberKind,
  percent: numberKind,
  date: { takes: ['date', 'period'], name: 'date', quoted: false },
  datetime: { takes: ['datetime', 'period'], name: 'dateTime', quoted: false },
};

interface Compared {
  left: Expression;
  field: Field;
  literal: Literal;
}

/** @throws ApiError when a field can't be compared with a literal of that type, or it is no valid id or date. */
export function comparable(scope: Scope, { left, field, literal }: Compared): void {
  const { source } = scope.compilation;
  const kind = kinds[field.type] ?? textKind;
  if (literal.type !== 'null' && !kind.takes.includes(literal.type)) {
    const enclosed = kind.quoted ? 'should be enclosed in quotes' : 'should not be enclosed in quotes';
    const message = `value of filter criterion for field '${nameOf(left)}' must be of type ${kind.name} and ${enclosed}`;
    throw errorAtLast(source, textOf(left), ['INVALID_FIELD', message]);
  }
  if (isReference(field) && isWrongId(literal))
    throw errorAtLast(source, textOf(left), [
      'INVALID_QUERY_FILTER_OPERATOR',
      `invalid ID field: ${literal.text}`,
    ]);
  if (isWrongDate(literal))
    throw errorAtLast(source, literal.text, ['INVALID_FIELD', `Invalid date: ${literal.text}`]);
}

const isWrongId = ({ type, text }: Literal) => type === 'string' && text !== '' && !isId(text);
const isWrongDate = ({ type, text }: Literal) =>
  (type === 'date' || type === 'datetime') &&
  (Number.isNaN(Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))) || !isDay(text.slice(0, 10)));

/** Whether the calendar has such a day: JavaScript takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** Whether a field holds the id of a record. */
export const isReference = (field: Field) => field.type === 'id' || field.type === 'reference';

/** The parameter that a literal becomes, folded as the column is. */
export function valueOf(field: Field, { type, text }: Literal): string | boolean {
  if (isReference(field)) return toLongId(text);
  switch (type) {
    case 'string':
      return isFolded(field)
        ? text.replace(/\\([%_])/g, '$1').toLowerCase()
        : text.replace(/\\([%_])/g, '$1');
    case 'number':
      return text.replace(/^[A-Za-z]{3}/, '');
    case 'boolean':
      return text.toUpperCase() === 'TRUE';
    default:
      return text;
  }
}
