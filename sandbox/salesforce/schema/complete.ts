import type { Field, FieldDefinition, FieldType, ObjectDefinition, SObject } from './catalog.ts';

/** A definition with everything that its type implies filled in. */
export function completeField(definition: FieldDefinition): Field {
  const { type } = definition;
  const length = definition.length ?? defaultLengths[type] ?? 0;
  const computed = definition.computed ?? null;
  const written = { createable: computed === null, updateable: computed === null };
  return { ...plain, ...written, ...impliedBy(definition, length), ...definition, computed, length };
}

/** What follows from a field's type and traits, unless its definition says otherwise. */
function impliedBy(
  { type, externalId, autoNumber, defaultValue, custom, nillable }: FieldDefinition,
  length: number,
): Partial<Field> {
  const isLong = type === 'base64' || type === 'address' || (type === 'textarea' && length > 255);
  return {
    idLookup: externalId === true,
    filterable: !isLong,
    sortable: !isLong && type !== 'multipicklist',
    groupable: !isLong && groupable.has(type),
    defaultedOnCreate: autoNumber ?? defaultValue !== undefined,
    permissionable: custom === true || nillable !== false,
  };
}

const plain: Omit<Field, 'name' | 'type' | 'label'> = {
  length: 0,
  precision: 0,
  scale: 0,
  nillable: true,
  createable: true,
  updateable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  idLookup: false,
  restrictedPicklist: false,
  picklistValues: [],
  referenceTo: [],
  relationshipName: null,
  childRelationshipName: null,
  cascadeDelete: false,
  restrictedDelete: false,
  nameField: false,
  calculated: false,
  formula: null,
  formulaTreatBlanksAs: 'BlankAsZero',
  summary: null,
  computed: null,
  autoNumber: false,
  trackHistory: false,
  displayFormat: null,
  defaultValue: null,
  defaultFormula: null,
  defaultedOnCreate: false,
  custom: false,
  compoundFieldName: null,
  filterable: true,
  sortable: true,
  groupable: true,
  htmlFormatted: false,
  inlineHelpText: null,
  permissionable: true,
};

const defaultLengths: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 32_000,
  email: 80,
  phone: 40,
  url: 255,
  picklist: 255,
  multipicklist: 4099,
};

const groupable = new Set<FieldType>([
  'id', 'reference', 'string', 'email', 'phone', 'url', 'picklist', 'combobox', 'boolean', 'int', 'date', 'textarea',
]); // prettier-ignore

/** The object of a definition, its fields found by name in any case. */
export function completeObject(definition: ObjectDefinition & { keyPrefix: string }): SObject {
  const fields = definition.fields.map(completeField);
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  return {
    custom: false,
    createable: true,
    updateable: true,
    deletable: true,
    undeletable: true,
    ...definition,
    fields,
    field: (name) => byName.get(name.toLowerCase()),
    nameField: fields.find((field) => field.nameField),
  };
}

/** The same object with a field added or replaced. */
export function withField(sobject: SObject, field: Field): SObject {
  const others = sobject.fields.filter((known) => known.name.toLowerCase() !== field.name.toLowerCase());
  return completeObject({ ...sobject, fields: [...others, field] });
}
