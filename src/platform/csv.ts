import { stringify } from 'csv-stringify';

/** A column of a download: its head, and where a row has its value. */
export interface CsvColumn {
  key: string;
  header: string;
}

/**
 * Turns rows into CSV as they come: a head, RFC 4180 quoting, and a byte order mark, so that spreadsheets read UTF-8. A text that
 * a spreadsheet would take for a formula (= + - @ TAB CR first) gets a quote before it (F20).
 */
export function csvStream(columns: CsvColumn[]) {
  return stringify({
    columns,
    header: true,
    bom: true,
    escape_formulas: true,
    record_delimiter: '\r\n',
    cast: { date: (at) => at.toISOString() },
  });
}
