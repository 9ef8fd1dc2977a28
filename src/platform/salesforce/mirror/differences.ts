import { sql, type Tx } from '../../db.ts';

import { mergedColumns } from './columns.ts';
import type { Readable } from './describe.ts';
import { asRows, type Source } from './merge.ts';
import type { DriftCause } from './tables.ts';

/** A field of a record that is not here what it is there; without a field, the record itself. */
export interface Difference {
  recordId: string;
  field: string | null;
  ours: string | null;
  theirs: string | null;
  cause: DriftCause;
}

/** Rows of Salesforce beside the mirror's, and what of them is settled: what changed later is on its way. */
interface Compared {
  source: Source;
  readAt: Date;
  settled: Date;
}

/* Columns that a merge would write as they came. A column that keeps what it has is no difference, nor is a row's time by itself. */
const tellingColumns = (readable: Readable): string[] =>
  mergedColumns(readable)
    .filter(({ name, kept }) => kept === undefined && !['id', 'sobject', 'deleted_at'].includes(name))
    .map(({ name }) => name);

/** Both sides of the rows that differ and are nobody's to send, in common table expressions and a query over `there` and `here`. */
function differing(readable: Readable, { source, readAt, settled }: Compared) {
  const { mapping } = readable;
  const columns = (of: string) =>
    sql.raw(
      tellingColumns(readable)
        .map((name) => `${of}.${name}`)
        .join(', '),
    );
  return {
    tables: asRows(readable, source, readAt),
    from: sql`
      from typed there left join ${sql.table(mapping.table)} here on here.id = there.id
      cross join lateral (
        select there.deleted_at is null as theirs, here.id is not null and here.deleted_at is null as ours) alive
      where there.modified_at <= ${settled} and coalesce(here.modified_at <= ${settled}, true)
        and (alive.theirs <> alive.ours
          or alive.theirs and (${columns('there')}) is distinct from (${columns('here')}))`,
  };
}

const recordId = ({ mapping }: Readable, of: string) =>
  sql.ref(`${of}.${mapping.key === 'ours' ? 'salesforce_id' : 'id'}`);

/** Notes which of these rows differ, for a second look. @returns how many */
export async function suspectDiffering(
  tx: Tx,
  readable: Readable,
  compared: Compared,
  runId: number,
): Promise<number> {
  await sql`set local timezone to 'UTC'`.execute(tx);
  await sql`set local statement_timeout to '10min'`.execute(tx);
  const { tables, from } = differing(readable, compared);
  const { rows } = await sql<{ count: number }>`
    with ${tables}, found as (select ${recordId(readable, 'there')} as id ${from}),
    kept as (
      insert into drift_suspects (run_id, id) select ${runId}, id from found on conflict do nothing)
    select count(*) as count from found`.execute(tx);
  return rows[0]?.count ?? 0;
}

interface Pair {
  recordId: string;
  there: Record<string, unknown>;
  here: Record<string, unknown> | null;
}

/** What differs, field by field; for a few hundred rows. */
export async function differencesOf(
  tx: Tx,
  readable: Readable,
  compared: Compared,
): Promise<{ ids: string[]; differences: Difference[] }> {
  await sql`set local timezone to 'UTC'`.execute(tx);
  const { tables, from } = differing(readable, compared);
  const { rows } = await sql<Pair>`
    with ${tables}
    select ${recordId(readable, 'there')} as "recordId", to_jsonb(there) as there, to_jsonb(here) as here ${from}`.execute(
    tx,
  );
  return {
    ids: rows.map((row) => row.recordId),
    differences: rows.flatMap((row) => differencesIn(readable, row)),
  };
}

function differencesIn(readable: Readable, { recordId: id, there, here }: Pair): Difference[] {
  const whole = (cause: DriftCause, ours: string | null, theirs: string | null): Difference[] => [
    { recordId: id, field: null, ours, theirs, cause },
  ];
  if (here === null) return whole('missed', null, nameOf(there));
  if (there.deleted_at !== null) return whole('missed', nameOf(here), null);
  if (here.deleted_at !== null) return whole('revived', null, nameOf(there));
  const time = compareTimes(String(there.modified_at), String(here.modified_at));
  const [theirs, ours] = [byField(readable, there), byField(readable, here)];
  const fields = [...new Set([...theirs.keys(), ...ours.keys()])]
    .filter((field) => textOf(theirs.get(field)) !== textOf(ours.get(field)))
    .sort();
  const changed = fields.length === 0 ? [readable.mapping.cursor] : fields;
  return changed.map((field) => ({
    recordId: id,
    field,
    ours: textOf(ours.get(field)),
    theirs: textOf(theirs.get(field)),
    cause: causeOf(readable, field, time),
  }));
}

const nameOf = (row: Record<string, unknown>) => textOf(row.name ?? row.subject ?? row.id);

function causeOf({ fields }: Readable, field: string, time: 'later' | 'earlier' | 'same'): DriftCause {
  if (time === 'later') return 'missed';
  if (time === 'earlier') return 'local';
  const isCalculated = field.includes('.') || fields.some((one) => one.name === field && one.isCalculated);
  return isCalculated ? 'formula' : 'silent';
}

/** Whether theirs is later than ours. */
function compareTimes(theirs: string, ours: string): 'later' | 'earlier' | 'same' {
  const between = Date.parse(theirs) - Date.parse(ours);
  if (between === 0) return 'same';
  return between > 0 ? 'later' : 'earlier';
}

/** A row's values under Salesforce's names. */
function byField({ mapping }: Readable, row: Record<string, unknown>): Map<string, unknown> {
  const own = Object.entries(mapping.columns).map(([name, { field }]) => [field, row[name]] as const);
  const attributes = Object.entries((row.attributes ?? {}) as Record<string, unknown>);
  return new Map([...attributes, ...own]);
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
