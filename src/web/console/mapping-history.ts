import type { MappingChange, ObjectSettings } from '../../platform/salesforce/mirror/settings.ts';

/** One difference between two states of an object's settings, as words: a locale key and what stands in it. */
export interface Told {
  key: string;
  values: Record<string, string>;
}

/** A change of the mapping with each of its differences told. */
export function shownChange(change: MappingChange) {
  return { ...change, told: toldBetween(change.before, change.after) };
}

function toldBetween(before: ObjectSettings, after: ObjectSettings): Told[] {
  const object = after.isChosen ? 'objectAdded' : 'objectRemoved';
  return [
    ...(before.isChosen === after.isChosen ? [] : [{ key: object, values: {} }]),
    ...without(after.leftOut, before.leftOut).map((field) => ({ key: 'leftOut', values: { field } })),
    ...without(before.leftOut, after.leftOut).map((field) => ({ key: 'takenIn', values: { field } })),
    ...keysOf(before.columns, after.columns).map((column) => columnTold(column, after.columns[column])),
    ...keysOf(before.owners, after.owners).map((field) => ({
      key: `owner.${after.owners[field] ?? 'usual'}`,
      values: { field },
    })),
  ];
}

const without = (some: readonly string[], others: readonly string[]) =>
  some.filter((one) => !others.includes(one));

const columnTold = (column: string, field: string | undefined): Told =>
  field === undefined
    ? { key: 'columnUsual', values: { column } }
    : { key: 'columnFilled', values: { column, field } };

/** The keys whose values differ. */
function keysOf(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  );
}
