import { completeObject } from '../schema/complete.ts';
import { audit, checkbox, longText, lookup, moment, readOnly, text, url, whole } from '../schema/fields.ts';

import type { Db } from '../../database.ts';
import type { FieldDefinition, SObject } from '../schema/catalog.ts';

/** An object of the Tooling API: its fields, and where its rows come from. */
interface ToolingObject {
  name: string;
  keyPrefix: string;
  fields: FieldDefinition[];
  /** SQL of its rows; undefined for what has a table of its own (`definitions.ts`). */
  rows?: string;
}

const id: FieldDefinition = { name: 'Id', type: 'id', label: 'ID', ...readOnly, nillable: false };
const named = [text('DeveloperName', 80, { nameField: true }), text('NamespacePrefix', 15)];
/** Given for one row at a time, as JSON. */
const metadata = [text('FullName'), longText('Metadata')];
const stamps = `created_at::timestamptz(0) as "CreatedDate", created_by as "CreatedById", modified_at::timestamptz(0) as "LastModifiedDate",
  modified_by as "LastModifiedById", modified_at::timestamptz(0) as "SystemModstamp"`;
const whole_ = `full_name as "FullName", metadata as "Metadata"`;
/** `Account.My_Rule` → `Account`, `My_Rule`. */
const [before, after] = [`split_part(full_name, '.', 1)`, `split_part(full_name, '.', 2)`];
const bare = (name: string) => `regexp_replace(${name}, '__[a-z]+$', '')`;
const of = (type: string, columns: string) =>
  `select id as "Id", null::text as "NamespacePrefix", ${columns}, ${whole_}, ${stamps} from _component where type = '${type}'`;
/** Custom objects are called by their id here, standard ones by their name. */
const tableOf = `coalesce((select o.id from _component o where o.type = 'CustomObject' and o.full_name = split_part(_component.full_name, '.', 1) and o.full_name ~ '__[a-z]+$'), ${before})`;

/** Kinds of code and pages that this org has none of. */
const absent = (name: string, keyPrefix: string, more: FieldDefinition[] = []): ToolingObject => {
  const fields = [id, text('Name', 255, { nameField: true }), text('NamespacePrefix', 15), ...more, ...metadata, ...audit()];
  const columns = fields.map((field) => `null::${sqlTypes[field.type] ?? 'text'} as "${field.name}"`);
  return { name, keyPrefix, fields, rows: `select ${columns.join(', ')} where false` };
}; // prettier-ignore
const sqlTypes: Partial<Record<FieldDefinition['type'], string>> = {
  datetime: 'timestamptz(0)',
  double: 'numeric',
  int: 'integer',
  boolean: 'boolean',
};
const code = [
  text('Status'), text('ApiVersion'), longText('Body'), checkbox('IsValid'), text('ManageableState'), whole('LengthWithoutComments'),
]; // prettier-ignore

const objects: ToolingObject[] = [
  {
    name: 'CustomObject',
    keyPrefix: '01I',
    fields: [id, ...named, longText('Description'), text('ManageableState'), ...metadata, ...audit()],
    rows: of(
      'CustomObject',
      `${bare('full_name')} as "DeveloperName", metadata ->> 'description' as "Description", 'unmanaged'::text as "ManageableState"`,
    ).concat(` and full_name ~ '__[a-z]+$'`),
  },
  {
    name: 'CustomField',
    keyPrefix: '00N',
    fields: [
      id, ...named, text('TableEnumOrId'), lookup('EntityDefinitionId', 'EntityDefinition'), longText('Description'),
      text('InlineHelpText', 510), text('RelationshipLabel'), text('ManageableState'), ...metadata, ...audit(),
    ],
    rows: of(
      'CustomField',
      `${bare(after)} as "DeveloperName", ${tableOf} as "TableEnumOrId", ${before} as "EntityDefinitionId", metadata ->> 'description' as "Description",
       metadata ->> 'inlineHelpText' as "InlineHelpText", metadata ->> 'relationshipLabel' as "RelationshipLabel", 'unmanaged'::text as "ManageableState"`,
    ),
  },
  {
    name: 'ValidationRule',
    keyPrefix: '03d',
    fields: [
      id, text('ValidationName', 80, { nameField: true }), text('NamespacePrefix', 15), checkbox('Active'), longText('Description'),
      lookup('EntityDefinitionId', 'EntityDefinition'), text('ErrorDisplayField'), text('ErrorMessage'), ...metadata, ...audit(),
    ],
    rows: of(
      'ValidationRule',
      `${after} as "ValidationName", coalesce(metadata ->> 'active', 'false')::boolean as "Active", metadata ->> 'description' as "Description",
       ${tableOf} as "EntityDefinitionId", metadata ->> 'errorDisplayField' as "ErrorDisplayField", metadata ->> 'errorMessage' as "ErrorMessage"`,
    ),
  },
  {
    name: 'PlatformEventChannel',
    keyPrefix: '0YL',
    fields: [id, ...named, text('MasterLabel', 80), text('ChannelType'), ...metadata, ...audit()],
    rows: of(
      'PlatformEventChannel',
      `${bare('full_name')} as "DeveloperName", metadata ->> 'label' as "MasterLabel", metadata ->> 'channelType' as "ChannelType"`,
    ),
  },
  {
    name: 'PlatformEventChannelMember',
    keyPrefix: '0v8',
    fields: [id, ...named, text('MasterLabel', 80), text('EventChannel'), text('SelectedEntity'), ...metadata, ...audit()],
    rows: of(
      'PlatformEventChannelMember',
      `full_name as "DeveloperName", full_name as "MasterLabel", metadata ->> 'eventChannel' as "EventChannel",
       metadata ->> 'selectedEntity' as "SelectedEntity"`,
    ),
  },
  {
    name: 'Layout',
    keyPrefix: '00h',
    fields: [id, text('Name', 255, { nameField: true }), text('NamespacePrefix', 15), lookup('EntityDefinitionId', 'EntityDefinition'), text('TableEnumOrId'), ...metadata, ...audit()],
    rows: of(
      'Layout',
      `regexp_replace(full_name, '^[^-]*-', '') as "Name", split_part(full_name, '-', 1) as "EntityDefinitionId", split_part(full_name, '-', 1) as "TableEnumOrId"`,
    ),
  },
  {
    name: 'EntityDefinition',
    keyPrefix: '4ie',
    fields: [
      id, text('DurableId'), text('QualifiedApiName', 80, { nameField: true }), text('DeveloperName', 80), text('NamespacePrefix', 15),
      text('MasterLabel'), text('Label'), text('PluralLabel'), text('KeyPrefix', 3), text('PublisherId'), text('InternalSharingModel'),
      checkbox('IsCustomizable'), checkbox('IsCustomSetting'), checkbox('IsQueryable'), checkbox('IsSearchable'), checkbox('IsTriggerable'),
      checkbox('IsApexTriggerable'), checkbox('IsIdEnabled'), checkbox('IsDeprecatedAndHidden'), checkbox('IsFieldHistoryTracked'),
      checkbox('IsLayoutable'), checkbox('IsRetrieveable'), checkbox('IsReplicateable'), moment('LastModifiedDate'),
    ],
  },
  {
    name: 'FieldDefinition',
    keyPrefix: '4fe',
    fields: [
      id, text('DurableId'), text('QualifiedApiName', 80, { nameField: true }), text('DeveloperName', 80), text('NamespacePrefix', 15),
      lookup('EntityDefinitionId', 'EntityDefinition'), text('MasterLabel'), text('Label'), text('DataType'), text('ValueTypeId'),
      whole('Length'), whole('Precision'), whole('Scale'), text('RelationshipName'), longText('Description'), text('ExtraTypeInfo'), text('ReferenceTargetField'),
      checkbox('IsCalculated'), checkbox('IsCompound'), checkbox('IsFieldHistoryTracked'), checkbox('IsIndexed'), checkbox('IsNillable'),
      checkbox('IsNameField'), checkbox('IsHighScaleNumber'), checkbox('IsHtmlFormatted'), moment('LastModifiedDate'),
    ],
  },
  absent('ApexClass', '01p', code),
  absent('ApexTrigger', '01q', [...code, text('TableEnumOrId'), lookup('EntityDefinitionId', 'EntityDefinition')]),
  absent('ApexPage', '066', code),
  absent('ApexComponent', '099', code),
  absent('ApexLog', '07L', [text('Application'), text('Operation'), text('Status'), moment('StartTime')]),
  absent('ApexTestQueueItem', '709', [text('Status'), text('ParentJobId')]),
  absent('ApexCodeCoverageAggregate', '715', [text('ApexClassOrTriggerId'), whole('NumLinesCovered'), whole('NumLinesUncovered')]),
  absent('ApexOrgWideCoverage', '716', [whole('PercentCovered')]),
  absent('TraceFlag', '7tf', [text('TracedEntityId'), text('LogType'), moment('ExpirationDate'), text('DebugLevelId')]),
  absent('DebugLevel', '7dl', [text('DeveloperName', 80)]),
  absent('AuraDefinitionBundle', '0Ab', [text('DeveloperName'), text('MasterLabel'), text('ApiVersion')]),
  absent('LightningComponentBundle', '0Rb', [text('DeveloperName'), text('MasterLabel'), text('ApiVersion')]),
  absent('FlowDefinition', '300', [text('DeveloperName'), text('ActiveVersionId'), text('LatestVersionId')]),
  absent('Flow', '301', [text('DefinitionId'), text('Status'), text('ProcessType'), text('MasterLabel'), whole('VersionNumber')]),
  absent('FlexiPage', '0M0', [text('DeveloperName'), text('MasterLabel'), text('Type'), text('EntityDefinitionId')]),
  absent('StaticResource', '081', [text('ContentType'), longText('Body')]),
  absent('RemoteProxy', '0rp', [text('SiteName'), url('EndpointUrl')]),
  absent('InstalledSubscriberPackage', '0A3', [text('SubscriberPackageId'), text('SubscriberPackageVersionId')]),
  absent('StandardValueSet', '0SV', [text('MasterLabel')]),
  absent('MetadataComponentDependency', '05d', [
    text('MetadataComponentId'), text('MetadataComponentName'), text('MetadataComponentType'), text('MetadataComponentNamespace'),
    text('RefMetadataComponentId'), text('RefMetadataComponentName'), text('RefMetadataComponentType'), text('RefMetadataComponentNamespace'),
  ]),
]; // prettier-ignore

/** What is derived from a component cannot be written field by field. */
const unwritten = (field: FieldDefinition): FieldDefinition => ({
  ...field,
  createable: false,
  updateable: false,
});

/** The objects that the Tooling API has beside some of the org's own. */
export const toolingObjects: SObject[] = objects.map(({ name, keyPrefix, fields }) =>
  completeObject({ name, label: name, labelPlural: name, keyPrefix, fields: fields.map(unwritten) }),
);

/** Of the org's own objects, those that the Tooling API has too. */
export const sharedObjects = [
  'Group',
  'Organization',
  'PermissionSet',
  'PermissionSetAssignment',
  'Profile',
  'RecordType',
  'User',
  'UserRole',
];

/** Views of what was deployed, made anew at each start. */
export async function prepareTooling(db: Db): Promise<void> {
  for (const { name, rows } of objects)
    if (rows !== undefined) await db.query(`drop view if exists "${name}"; create view "${name}" as ${rows}`);
}
