import { plain } from './function.ts';
import { FormulaError } from './syntax.ts';
import { demand } from './types.ts';

import type { Functions } from './function.ts';

const day = (text: string) => `case when pg_input_is_valid(${text}, 'date') then (${text})::date end`;
const part = (name: string) =>
  plain(['date'], 'number', ([date]) => `extract(${name} from ${date ?? ''})::numeric`);
const ofTime = (name: string) =>
  plain(['time'], 'number', ([time]) => `trunc(extract(${name} from ${time ?? ''}))::numeric`);

/** Functions of dates; a moment's day is that of Greenwich, as Salesforce has it. */
export const dateFunctions: Functions = {
  ADDMONTHS: {
    counts: [2, 2],
    compile: ({ name, parts: [moment, months] }) => {
      if (!moment || !months) throw new FormulaError('Syntax error');
      demand(name, moment, ['date', 'datetime']);
      demand(name, months, ['number']);
      const sum = `(${moment.sql} + make_interval(months => least(greatest(trunc(${months.sql}), -100000), 100000)::integer))`;
      return { type: moment.type, sql: moment.type === 'date' ? `${sum}::date` : sum };
    },
  },
  DATE: plain(['number', 'number', 'number'], 'date', ([year, month, date]) =>
    day(`format('%s-%s-%s', lpad(trunc(${year ?? ''})::text, 4, '0'), trunc(${month ?? ''}), trunc(${date ?? ''}))`)),
  DATETIMEVALUE: {
    counts: [1, 1],
    compile: ({ name, parts: [part1] }) => {
      if (!part1) throw new FormulaError('Syntax error');
      demand(name, part1, ['text', 'date', 'datetime']);
      if (part1.type === 'datetime') return part1;
      if (part1.type === 'date') return { type: 'datetime', sql: `(${part1.sql}::timestamp at time zone 'UTC')` };
      return { type: 'datetime', sql: `case when pg_input_is_valid(${part1.sql}, 'timestamp') then (${part1.sql})::timestamp at time zone 'UTC' end` };
    },
  },
  DATEVALUE: {
    counts: [1, 1],
    compile: ({ name, parts: [part1] }) => {
      if (!part1) throw new FormulaError('Syntax error');
      demand(name, part1, ['text', 'date', 'datetime']);
      if (part1.type === 'date' || part1.type === 'null') return { type: 'date', sql: `(${part1.sql})::date` };
      return { type: 'date', sql: part1.type === 'text' ? day(part1.sql) : `(${part1.sql} at time zone 'UTC')::date` };
    },
  },
  DAY: part('day'),
  DAYOFYEAR: part('doy'),
  HOUR: ofTime('hour'),
  ISOWEEK: part('week'),
  ISOYEAR: part('isoyear'),
  MINUTE: ofTime('minute'),
  MONTH: part('month'),
  NOW: plain([], 'datetime', (_args, { place }) => `timestamptz '${place.viewer.now}'`),
  SECOND: ofTime('second'),
  TIMENOW: plain([], 'time', (_args, { place }) => `(timestamptz '${place.viewer.now}' at time zone 'UTC')::time`),
  TIMEVALUE: plain(['datetime'], 'time', ([moment]) => `(${moment ?? ''} at time zone 'UTC')::time`),
  TODAY: plain([], 'date', (_args, { place }) => `date '${place.viewer.today}'`),
  WEEKDAY: plain(['date'], 'number', ([date]) => `(extract(dow from ${date ?? ''}) + 1)::numeric`),
  YEAR: part('year'),
}; // prettier-ignore
