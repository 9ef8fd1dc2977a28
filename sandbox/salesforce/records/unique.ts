import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { folded, idsByValue } from './references.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** Rejects rows whose unique values another record has, or an earlier row of the request. */
export async function checkUnique(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  for (const field of sobject.fields.filter((each) => each.unique)) {
    const holders = sound(works).filter((work) => setsValue(work, field));
    if (holders.length === 0) continue;
    const values = holders.map((work) => String(work.row[field.name]));
    const taken = await idsByValue(ctx, { target: sobject, by: field }, values);
    const seen = new Set<string>();
    for (const work of holders) {
      const value = folded(field, String(work.row[field.name]));
      const other = taken.get(value)?.find((id) => id !== work.id);
      if (other !== undefined) work.errors.push(duplicate(field, other));
      else if (seen.has(value)) work.errors.push(duplicateOfRow);
      else seen.add(value);
    }
  }
}

const setsValue = (work: Work, field: Field) => {
  const value = work.row[field.name];
  return value !== undefined && value !== null && value !== work.before?.[field.name];
};

/** Two rows of one request: neither has an id yet. */
const duplicateOfRow = saveError(
  'DUPLICATE_VALUE',
  'duplicate value found: <unknown> duplicates value on record with id: <unknown>',
);

const duplicate = (field: Field, id: string) =>
  saveError(
    'DUPLICATE_VALUE',
    `duplicate value found: ${field.name} duplicates value on record with id: ${id.slice(0, 15)}`,
  );
