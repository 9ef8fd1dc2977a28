import { asList, asObject, asText } from '../soap/envelope.ts';

import { calculation } from './calculated-field.ts';

import type { Field, FieldDefinition, FieldType, PicklistValue } from '../schema/catalog.ts';

type Metadata = Record<string, unknown>;

interface FieldKind {
  type: FieldType;
  /** Elements without which Salesforce refuses the field. */
  needs: string[];
}

const kinds: Record<string, FieldKind> = {
  AutoNumber: { type: 'string', needs: ['displayFormat'] },
  Checkbox: { type: 'boolean', needs: ['defaultValue'] },
  Currency: { type: 'currency', needs: ['precision', 'scale'] },
  Date: { type: 'date', needs: [] },
  DateTime: { type: 'datetime', needs: [] },
  Email: { type: 'email', needs: [] },
  EncryptedText: { type: 'string', needs: ['length'] },
  ExternalLookup: { type: 'string', needs: ['referenceTo'] },
  Html: { type: 'textarea', needs: ['length', 'visibleLines'] },
  LongTextArea: { type: 'textarea', needs: ['length', 'visibleLines'] },
  Lookup: { type: 'reference', needs: ['referenceTo'] },
  MasterDetail: { type: 'reference', needs: ['referenceTo', 'relationshipName'] },
  MultiselectPicklist: { type: 'multipicklist', needs: ['visibleLines'] },
  Number: { type: 'double', needs: ['precision', 'scale'] },
  Percent: { type: 'percent', needs: ['precision', 'scale'] },
  Phone: { type: 'phone', needs: [] },
  Picklist: { type: 'picklist', needs: [] },
  Summary: { type: 'double', needs: ['summaryOperation'] },
  Text: { type: 'string', needs: ['length'] },
  TextArea: { type: 'textarea', needs: [] },
  Time: { type: 'time', needs: [] },
  Url: { type: 'url', needs: [] },
};

/** What Salesforce would say against a field's metadata, in its words; undefined when it is sound. */
export function fieldProblem(
  name: string,
  metadata: Metadata,
  isObject: (name: string) => boolean,
): string | undefined {
  const type = asText(metadata.type);
  if (type === undefined) return `Field ${name} does not exist. Check spelling.`;
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!kind) return `Invalid field type: ${type}`;
  if (asText(metadata.label) === undefined) return 'Required field is missing: label';
  if (!/^[A-Za-z](?!.*__.*__)[A-Za-z0-9_]*__c$/.test(name))
    return 'The Field Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.';
  const missing = kind.needs.find(
    (each) => metadata.formula === undefined && asText(metadata[each]) === undefined,
  );
  if (missing !== undefined) return `Must specify '${missing}' for a CustomField of type ${type}`;
  return lengthProblem(type, metadata) ?? referenceProblem(kind, metadata, isObject);
}

const lengths: Record<string, [number, number]> = {
  Text: [1, 255],
  EncryptedText: [1, 175],
  LongTextArea: [256, 131_072],
  Html: [256, 131_072],
};

function lengthProblem(type: string, metadata: Metadata): string | undefined {
  const [least, most] = lengths[type] ?? [0, Infinity];
  const length = Number(metadata.length ?? least);
  if (length < least || length > most) return `Length must be between ${String(least)} and ${String(most)}`;
  if (Number(metadata.precision ?? 1) > 18) return 'Precision must be between 1 and 18';
  return Number(metadata.scale ?? 0) > Number(metadata.precision ?? 18)
    ? 'Scale must be less than or equal to precision'
    : undefined;
}

function referenceProblem(
  kind: FieldKind,
  metadata: Metadata,
  isObject: (name: string) => boolean,
): string | undefined {
  const target = asText(metadata.referenceTo);
  if (kind.type !== 'reference' || target === undefined || isObject(target)) return undefined;
  return `referenceTo value of '${target}' does not resolve to a valid sObject type`;
}

/** The definition of a sound field. */
export function definitionOf(name: string, metadata: Metadata): FieldDefinition {
  const metadataType = asText(metadata.type) ?? 'Text';
  const type = kinds[metadataType]?.type ?? 'string';
  return {
    name,
    type,
    label: asText(metadata.label) ?? name,
    nillable: !isTrue(metadata.required) && type !== 'boolean' && metadataType !== 'MasterDetail',
    unique: isTrue(metadata.unique),
    externalId: isTrue(metadata.externalId),
    caseSensitive: isTrue(metadata.caseSensitive),
    inlineHelpText: asText(metadata.inlineHelpText) ?? null,
    htmlFormatted: metadataType === 'Html',
    trackHistory: isTrue(metadata.trackHistory),
    ...sizes(type, metadataType, metadata),
    ...reference(type, metadataType, name, metadata),
    ...values(type, metadata),
    ...numbering(metadataType, metadata),
    ...defaults(type, metadata),
    ...calculation(metadata),
  };
}

const isTrue = (value: unknown): boolean => value === 'true' || value === true;

function sizes(type: FieldType, metadataType: string, metadata: Metadata): Partial<Field> {
  if (['double', 'currency', 'percent'].includes(type))
    return { precision: Number(metadata.precision ?? 18), scale: Number(metadata.scale ?? 0) };
  if (metadataType === 'TextArea') return { length: 255 };
  return metadata.length === undefined ? {} : { length: Number(metadata.length) };
}

function reference(type: FieldType, metadataType: string, name: string, metadata: Metadata): Partial<Field> {
  if (type !== 'reference') return {};
  const children = asText(metadata.relationshipName);
  return {
    referenceTo: asList(metadata.referenceTo).map((each) => asText(each) ?? ''),
    relationshipName: name.replace(/__c$/, '__r'),
    childRelationshipName: children === undefined ? null : `${children}__r`,
    restrictedDelete: metadata.deleteConstraint === 'Restrict',
    ...(metadataType === 'MasterDetail' && { updateable: isTrue(metadata.reparentableMasterDetail) }),
    cascadeDelete: metadataType === 'MasterDetail' || metadata.deleteConstraint === 'Cascade',
  };
}

function values(type: FieldType, metadata: Metadata): Partial<Field> {
  if (type !== 'picklist' && type !== 'multipicklist') return {};
  const valueSet = asObject(metadata.valueSet);
  const picklistValues = asList(asObject(valueSet.valueSetDefinition).value).map((each) =>
    picklistValue(asObject(each)),
  );
  return {
    picklistValues,
    restrictedPicklist: isTrue(valueSet.restricted),
    defaultValue: picklistValues.find((each) => each.defaultValue)?.value ?? null,
    defaultedOnCreate: picklistValues.some((each) => each.defaultValue),
  };
}

function picklistValue(value: Metadata): PicklistValue {
  const name = asText(value.fullName) ?? '';
  return {
    value: name,
    label: asText(value.label) ?? name,
    active: value.isActive === undefined || isTrue(value.isActive),
    defaultValue: isTrue(value.default),
  };
}

function numbering(metadataType: string, metadata: Metadata): Partial<Field> {
  if (metadataType !== 'AutoNumber') return {};
  return {
    autoNumber: true,
    length: 30,
    nillable: false,
    createable: false,
    updateable: false,
    displayFormat: asText(metadata.displayFormat) ?? '{0}',
  };
}

/** `true`, a number, a quoted text; all else is a formula that each new record is given the value of. */
function defaults(type: FieldType, metadata: Metadata): Partial<Field> {
  if (type === 'boolean') return { defaultValue: isTrue(metadata.defaultValue), defaultedOnCreate: true };
  const given = asText(metadata.defaultValue) ?? '';
  if (given === '') return {};
  const defaultValue = constantOf(type, given);
  return defaultValue === undefined
    ? { defaultFormula: given, defaultedOnCreate: true }
    : { defaultValue, defaultedOnCreate: true };
}

function constantOf(type: FieldType, given: string): string | number | undefined {
  const [, double, single] = /^(?:"([^"]*)"|'([^']*)')$/s.exec(given) ?? [];
  const isNumber = ['double', 'currency', 'percent'].includes(type) && !Number.isNaN(Number(given));
  return double ?? single ?? (isNumber ? Number(given) : undefined);
}

const metadataTypes: Partial<Record<FieldType, string>> = {
  boolean: 'Checkbox', currency: 'Currency', date: 'Date', datetime: 'DateTime', double: 'Number', email: 'Email',
  int: 'Number', multipicklist: 'MultiselectPicklist', percent: 'Percent', phone: 'Phone', picklist: 'Picklist',
  reference: 'Lookup', time: 'Time', url: 'Url',
}; // prettier-ignore

/** The metadata of a field that was not deployed as such: a standard one, or one made through another API. */
export function metadataOf(field: Field): Metadata {
  const type = metadataTypes[field.type] ?? (field.type === 'textarea' ? longType(field) : 'Text');
  const target = field.referenceTo[0];
  return {
    fullName: field.name,
    externalId: field.externalId,
    label: field.label,
    ...(type === 'Text' || type === 'LongTextArea' ? { length: field.length } : {}),
    ...(['Number', 'Currency', 'Percent'].includes(type)
      ? { precision: field.precision, scale: field.scale }
      : {}),
    ...(target === undefined ? {} : { referenceTo: target }),
    required: !field.nillable && field.type !== 'boolean',
    type,
    ...(field.type === 'boolean' ? { defaultValue: String(field.defaultValue === true) } : {}),
    unique: field.unique,
  };
}

const longType = (field: Field) => (field.length > 255 ? 'LongTextArea' : 'TextArea');
