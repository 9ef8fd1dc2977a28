import { accountFields } from '../accounts/fields.ts';
import { caseFields } from '../cases/fields.ts';
import { licenseFields } from '../licenses/fields.ts';
import { sql } from '../platform/db.ts';
import { type Catalog, catalogOf, type Field } from '../rules/fields.ts';
import { usageFields } from '../usage/fields.ts';

/** Everything that a profile's rule may ask: what is known of an account before its health is. */
export async function catalogBeforeHealth(): Promise<Catalog> {
  const [accounts, licenses, cases] = await Promise.all([accountFields(), licenseFields(), caseFields()]);
  return catalogOf(accounts, licenses, cases, usageFields());
}

/**
 * The same for a statement over the rows `r` of readings: status and stage are those of the day that is judged, which may be a past
 * one. Other fields tell what is known now.
 */
export async function catalogOverReadings(): Promise<Catalog> {
  const all = await catalogBeforeHealth();
  const own = (name: string, column: string): Field[] => {
    const field = all.get(name);
    return field === undefined ? [] : [{ ...field, sql: () => sql.ref(column) }];
  };
  const read = [...own('account.status', 'r.status'), ...own('account.stage', 'r.stage')];
  return new Map([...all, ...read.map((field) => [field.name, field] as const)]);
}
