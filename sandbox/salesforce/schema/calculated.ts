import { quote } from '../../database.ts';
import type { Org, OrgUser } from '../context.ts';
import { completeObject } from './complete.ts';
import { formulaSql } from './formula/compile.ts';
import { FormulaError } from './formula/syntax.ts';
import { summaryProblem, summarySql } from './summary.ts';
import type { Field, SObject } from './catalog.ts';
import type { Place, Viewer } from './formula/place.ts';

interface Looker {
  org: Pick<Org, 'catalog' | 'clock'>;
  user: Pick<OrgUser, 'id' | 'timeZone'>;
}

/** What a formula needs to know of who reads it. */
export function viewerOf({ org, user }: Looker): Viewer {
  const now = org.clock.now();
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: user.timeZone, dateStyle: 'short' }).format(now);
  return { catalog: org.catalog, userId: user.id, today, now: now.toISOString() };
}

/** A field in SQL, of a row that has `row` for its name: its column, or what it is reckoned from. */
export function fieldSql(looker: Looker, { sobject, field }: Owned, row: string): string {
  if (field.summary) return summarySql(looker.org.catalog, field.summary, row);
  if (field.formula === null) return `${row}.${quote(field.name)}`;
  return formulaSql(placeOf(viewerOf(looker), { sobject, field }, row), field);
}

interface Owned {
  sobject: SObject;
  field: Field;
}

const placeOf = (viewer: Viewer, { sobject, field }: Owned, row: string): Place => ({
  viewer,
  sobject,
  row,
  before: undefined,
  blanks: field.formulaTreatBlanksAs === 'BlankAsBlank' ? 'blank' : 'zero',
  depth: 0,
});

/** The value that a new record gets by the field's default formula, in SQL. It names no field of the record. */
export function defaultSql(looker: Looker, field: Field): string {
  const nothing = completeObject({ name: '', label: '', labelPlural: '', keyPrefix: '', fields: [] });
  return formulaSql(placeOf(viewerOf(looker), { sobject: nothing, field }, 't'), { ...field, formula: field.defaultFormula });
} // prettier-ignore

/** What Salesforce would say against a formula, a default or a roll-up; undefined when it is sound. */
export function calculationProblem(looker: Looker, sobject: SObject, field: Field): string | undefined {
  if (field.defaultFormula !== null) return problemIn(() => defaultSql(looker, field));
  if (field.summary) return summaryProblem(looker.org.catalog, sobject, field.summary);
  if (field.formula === null) return undefined;
  return problemIn(() => formulaSql(placeOf(viewerOf(looker), { sobject, field }, 't'), field));
}

function problemIn(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof FormulaError) return error.message;
    throw error;
  }
}
