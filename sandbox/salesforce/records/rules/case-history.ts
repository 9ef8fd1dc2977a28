import type { Context } from '../../context.ts';
import type { Field } from '../../schema/catalog.ts';
import type { Change, Row, Value } from '../hooks.ts';
import { insertAsSystem, knownObject, rowsById } from '../system.ts';

/** Standard fields of a case whose history is kept, in the order in which their lines are written; of custom ones those that track it. */
const tracked = [
  'Status', 'Priority', 'IsEscalated', 'ContactId', 'AccountId', 'AssetId', 'ParentId', 'Type', 'Reason', 'Origin', 'Subject',
  'Description', 'RecordTypeId',
]; // prettier-ignore

/** Writes down what changed of cases, as their History related list shows it: of a lookup the names and the ids. */
export async function writeCaseHistory(ctx: Context, changes: Change[]): Promise<void> {
  const { fields, field } = knownObject(ctx, 'Case');
  const custom = fields.filter(({ trackHistory }) => trackHistory);
  const all = [
    ...tracked.flatMap((name) => field(name) ?? []),
    ...custom,
    ...[field('OwnerId') ?? []].flat(),
  ];
  const names = await namesOf(ctx, all, changes);
  const lines = changes.flatMap((change) => {
    if (!change.before) return [lineOf(change, { name: 'created', type: 'Text' }, [null, null])];
    return all.flatMap((each) => linesOf(change, each, names));
  });
  await insertAsSystem(ctx, 'CaseHistory', lines);
}

type Names = Map<string, Value>;

const isChanged = ({ before, after }: Change, { name }: Field) =>
  (before?.[name] ?? null) !== (after[name] ?? null);

async function namesOf(ctx: Context, fields: Field[], changes: Change[]): Promise<Names> {
  const updates = changes.filter(({ before }) => before);
  const references = fields.filter(({ type }) => type === 'reference');
  const ids = references.flatMap((field) =>
    updates.filter((each) => isChanged(each, field)).flatMap(({ before, after }) => [before?.[field.name], after[field.name]]),
  );
  const names: Names = new Map();
  const known = ids.filter((id) => typeof id === 'string');
  for (const [sobject, group] of Map.groupBy(known, (id) => ctx.org.catalog.ofId(id))) {
    const name = sobject?.nameField?.name;
    if (!sobject || name === undefined) continue;
    for (const [id, row] of await rowsById<Row>(ctx, sobject.name, group, [name])) names.set(id, row[name] ?? null);
  }
  return names;
} // prettier-ignore

function linesOf(change: Change, field: Field, names: Names): Row[] {
  if (!isChanged(change, field)) return [];
  const values: [Value, Value] = [change.before?.[field.name] ?? null, change.after[field.name] ?? null];
  if (field.type !== 'reference') {
    const isLong = field.type === 'textarea';
    return [lineOf(change, { name: field.name, type: dataTypes[field.type] ?? 'Text' }, isLong ? [null, null] : values)];
  }
  const name = field.custom ? field.name : field.name.replace(/Id$/, '');
  const nameOf = (id: Value) => names.get(String(id)) ?? null;
  return [
    lineOf(change, { name, type: 'Text' }, [nameOf(values[0]), nameOf(values[1])]),
    lineOf(change, { name, type: 'EntityId' }, values),
  ];
} // prettier-ignore

const dataTypes: Partial<Record<Field['type'], string>> = {
  picklist: 'DynamicEnum', multipicklist: 'MultiEnum', boolean: 'Boolean', double: 'Double', currency: 'Currency', percent: 'Percent',
  date: 'DateOnly', datetime: 'DateTime', textarea: 'StringPlusClob', email: 'Email', phone: 'Phone', url: 'Url',
}; // prettier-ignore

const lineOf = ({ id }: Change, { name, type }: { name: string; type: string }, [before, after]: [Value, Value]): Row => ({
  CaseId: id,
  Field: name,
  DataType: type,
  OldValue: asText(before),
  NewValue: asText(after),
}); // prettier-ignore

const asText = (value: Value): string | null => (value === null ? null : String(value).slice(0, 255));
