import { many, plain } from './function.ts';
import { FormulaError } from './syntax.ts';
import { demand, settled } from './types.ts';

import type { Functions } from './function.ts';

/** A count of characters as PostgreSQL takes it. */
const count = (sql: string) => `least(greatest(coalesce(${sql}, 0), 0), 100000)::integer`;
const truth = (sql: string) => `coalesce(${sql}, false)`;

/** Functions of texts. */
export const textFunctions: Functions = {
  BEGINS: plain(['text', 'text'], 'boolean', ([text, start]) => `starts_with(${text ?? ''}, ${start ?? ''})`),
  BR: plain([], 'text', () => `E'\\n'`),
  CASESAFEID: {
    counts: [1, 1],
    compile: ({ name, parts: [part] }) => {
      if (!part) throw new FormulaError('Syntax error');
      demand(name, part, ['text']);
      return { type: 'text', sql: `coalesce(${part.raw ?? settled(part, 'text')}, '')` };
    },
  },
  CONTAINS: plain(['text', 'text'], 'boolean', ([text, part]) => `(strpos(${text ?? ''}, ${part ?? ''}) > 0)`),
  FIND: plain(['text', 'text', 'number'], 'number', ([part, text, from]) =>
    from === undefined
      ? `strpos(${text ?? ''}, ${part ?? ''})::numeric`
      : `(select case when f.at > 0 then f.at + ${count(from)} - 1 else 0 end from (select strpos(substr(${text ?? ''}, greatest(${count(from)}, 1)), ${part ?? ''}) as at) f)::numeric`, [2, 3]),
  HYPERLINK: plain(['text', 'text', 'text'], 'text', ([url, label, target]) =>
    `('<a href="' || ${url ?? ''} || '" target="' || ${target ?? `'_blank'`} || '">' || ${label ?? ''} || '</a>')`, [2, 3]),
  INITCAP: plain(['text'], 'text', ([text]) => `initcap(${text ?? ''})`),
  INCLUDES: {
    counts: [2, 2],
    compile: ({ name, parts: [field, value] }) => {
      if (!field || !value || field.type !== 'multipicklist')
        throw new FormulaError(`Incorrect parameter type for ${name}. Expected Multi-Select Picklist, received ${field?.type === 'picklist' ? 'Picklist' : 'Text'}`);
      demand(name, value, ['text']);
      return { type: 'boolean', sql: truth(`${settled(value, 'text')} = any(string_to_array(${field.sql}, ';'))`) };
    },
  },
  ISNUMBER: plain(['text'], 'boolean', ([text]) => `(btrim(${text ?? ''}) ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)$')`),
  LEFT: plain(['text', 'number'], 'text', ([text, length]) => `left(${text ?? ''}, ${count(length ?? '')})`),
  LEN: plain(['text'], 'number', ([text]) => `length(${text ?? ''})::numeric`),
  LOWER: plain(['text', 'text'], 'text', ([text]) => `lower(${text ?? ''})`, [1, 2]),
  LPAD: plain(['text', 'number', 'text'], 'text', ([text, length, pad]) => `lpad(${text ?? ''}, ${count(length ?? '')}, ${pad ?? `' '`})`, [2, 3]),
  MID: plain(['text', 'number', 'number'], 'text', ([text, start, length]) => `substr(${text ?? ''}, greatest(${count(start ?? '')}, 1), ${count(length ?? '')})`),
  REGEX: plain(['text', 'text'], 'boolean', ([text, pattern]) => `(${text ?? ''} ~ ('^(?:' || ${pattern ?? ''} || ')$'))`),
  REVERSE: plain(['text'], 'text', ([text]) => `reverse(${text ?? ''})`),
  RIGHT: plain(['text', 'number'], 'text', ([text, length]) => `right(${text ?? ''}, ${count(length ?? '')})`),
  RPAD: plain(['text', 'number', 'text'], 'text', ([text, length, pad]) => `rpad(${text ?? ''}, ${count(length ?? '')}, ${pad ?? `' '`})`, [2, 3]),
  SUBSTITUTE: plain(['text', 'text', 'text'], 'text', ([text, old, fresh]) => `replace(${text ?? ''}, ${old ?? ''}, ${fresh ?? ''})`),
  TEXT: {
    counts: [1, 1],
    compile: ({ name, parts: [part] }) => {
      if (!part) throw new FormulaError('Syntax error');
      const writer = writers[part.type];
      if (!writer) demand(name, part, ['number']);
      return { type: 'text', sql: `coalesce(${writer?.(part.sql) ?? 'null'}, '')` };
    },
  },
  TRIM: plain(['text'], 'text', ([text]) => `btrim(${text ?? ''})`),
  UPPER: plain(['text', 'text'], 'text', ([text]) => `upper(${text ?? ''})`, [1, 2]),
  VALUE: plain(['text'], 'number', ([text]) => `case when pg_input_is_valid(btrim(${text ?? ''}), 'numeric') and btrim(${text ?? ''}) !~ '[a-zA-Z]' then btrim(${text ?? ''})::numeric end`),
  IMAGE: plain(['text', 'text', 'number', 'number'], 'text', ([url, alt]) => `('<img src="' || ${url ?? ''} || '" alt="' || ${alt ?? ''} || '" border="0"/>')`, [2, 4]),
  CONCATENATE: plain(['text'], 'text', (texts) => `(${texts.join(' || ')})`, [1, many]),
}; // prettier-ignore

const writers: Partial<Record<string, (sql: string) => string>> = {
  number: (sql) => `trim_scale(${sql})::text`,
  date: (sql) => `to_char(${sql}, 'YYYY-MM-DD')`,
  datetime: (sql) => `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')`,
  time: (sql) => `to_char(${sql}, 'HH24:MI:SS.MS')`,
  picklist: (sql) => sql,
  multipicklist: (sql) => sql,
  null: () => 'null',
};
