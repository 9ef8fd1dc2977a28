import { transaction } from '../../database.ts';
import { columnType } from '../schema/tables.ts';
import { toolingObjects } from './objects.ts';

import type { Org } from '../context.ts';
import type { Field, SObject } from '../schema/catalog.ts';

type Row = Record<string, unknown>;

const written = new WeakMap<Org['pool'], number>();

/** Writes EntityDefinition and FieldDefinition down, as the org's schema is now; only when it has changed since. */
export async function writeDefinitions({ pool, catalog }: Org): Promise<void> {
  const at = catalog.changedAt().getTime();
  if (written.get(pool) === at) return;
  const objects = catalog.objects();
  await transaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(7351)');
    await fill(tx, 'EntityDefinition', objects.map((each) => entityRow(each, catalog.changedAt())));
    await fill(tx, 'FieldDefinition', objects.flatMap((each) => each.fields.map((field) => fieldRow(each, field, catalog.changedAt()))));
  }); // prettier-ignore
  written.set(pool, at);
}

async function fill(
  tx: { query: (sql: string, values?: unknown[]) => Promise<unknown> },
  name: string,
  rows: Row[],
): Promise<void> {
  const fields = toolingObjects.find((each) => each.name === name)?.fields ?? [];
  const columns = fields.map((field) => `"${field.name}" ${columnType(field.type)}`).join(', ');
  await tx.query(`create table if not exists "${name}" (${columns})`);
  await tx.query(`delete from "${name}"`);
  await tx.query(`insert into "${name}" select * from jsonb_populate_recordset(null::"${name}", $1::jsonb)`, [
    JSON.stringify(rows),
  ]);
}

function entityRow(sobject: SObject, changedAt: Date): Row {
  const { name, label, labelPlural, keyPrefix, custom } = sobject;
  return {
    Id: name,
    DurableId: name,
    QualifiedApiName: name,
    DeveloperName: name.replace(/__[a-z]+$/, ''),
    MasterLabel: label,
    Label: label,
    PluralLabel: labelPlural,
    KeyPrefix: keyPrefix,
    PublisherId: custom ? '<local>' : 'System',
    InternalSharingModel: 'ReadWrite',
    IsCustomizable: sobject.updateable,
    IsCustomSetting: false,
    IsQueryable: true,
    IsSearchable: sobject.updateable,
    IsTriggerable: sobject.updateable,
    IsApexTriggerable: sobject.updateable,
    IsIdEnabled: true,
    IsDeprecatedAndHidden: false,
    IsFieldHistoryTracked: name === 'Case',
    IsLayoutable: sobject.updateable,
    IsRetrieveable: true,
    IsReplicateable: sobject.field('SystemModstamp') !== undefined,
    LastModifiedDate: changedAt.toISOString(),
  };
}

function fieldRow(sobject: SObject, field: Field, changedAt: Date): Row {
  return {
    Id: `${sobject.name}.${field.name}`,
    DurableId: `${sobject.name}.${field.name}`,
    QualifiedApiName: field.name,
    DeveloperName: field.name.replace(/__[a-z]+$/, ''),
    EntityDefinitionId: sobject.name,
    MasterLabel: field.label,
    Label: field.label,
    DataType: dataType(field),
    ValueTypeId: field.type === 'reference' ? 'id' : field.type,
    Length: field.length,
    Precision: field.precision,
    Scale: field.scale,
    RelationshipName: field.relationshipName,
    IsCalculated: field.calculated,
    IsCompound: field.type === 'address',
    IsFieldHistoryTracked: false,
    IsIndexed: field.externalId || field.unique || field.type === 'reference' || field.type === 'id',
    IsNillable: field.nillable,
    IsNameField: field.nameField,
    IsHighScaleNumber: false,
    IsHtmlFormatted: field.htmlFormatted,
    LastModifiedDate: changedAt.toISOString(),
  };
}

const words: Partial<Record<Field['type'], string>> = {
  address: 'Address', base64: 'Base64', boolean: 'Checkbox', date: 'Date', datetime: 'Date/Time', email: 'Email', id: 'Record ID',
  multipicklist: 'Picklist (Multi-Select)', phone: 'Phone', picklist: 'Picklist', time: 'Time', url: 'URL', combobox: 'Picklist',
}; // prettier-ignore

const numbers: Partial<Record<Field['type'], string>> = {
  double: 'Number',
  currency: 'Currency',
  percent: 'Percent',
};

/** As Setup words it: `Text(80) (External ID) (Unique Case Sensitive)`. */
function dataType(field: Field): string {
  const { type, length, precision, scale, referenceTo } = field;
  const number = numbers[type];
  if (number !== undefined) return `${number}(${String(precision - scale)}, ${String(scale)})`;
  if (type === 'reference') return `Lookup(${referenceTo.join(',')})`;
  if (type === 'int') return 'Number(9, 0)';
  if (type === 'textarea') return `${length > 255 ? 'Long Text Area' : 'Text Area'}(${String(length)})`;
  if (type === 'string')
    return (field.autoNumber ? 'Auto Number' : `Text(${String(length)})`) + traits(field);
  return words[type] ?? 'Text';
}

function traits({ externalId, unique, caseSensitive }: Field): string {
  const sensitivity = caseSensitive ? 'Case Sensitive' : 'Case Insensitive';
  return `${externalId ? ' (External ID)' : ''}${unique ? ` (Unique ${sensitivity})` : ''}`;
}
