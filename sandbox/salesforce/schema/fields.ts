import type { Field, FieldDefinition, FieldType, PicklistValue } from './catalog.ts';

/** Further properties of a field, over what its kind implies. */
export type Options = Partial<Field>;

export const required: Options = { nillable: false };
export const readOnly: Options = { createable: false, updateable: false };
export const createOnly: Options = { updateable: false };

export const text = (name: string, length = 255, options: Options = {}) =>
  define(name, 'string', { length, ...options });
export const longText = (name: string, length = 32_000, options: Options = {}) =>
  define(name, 'textarea', { length, ...options });
export const email = (name: string, options: Options = {}) =>
  define(name, 'email', { length: 80, ...options });
export const phone = (name: string, options: Options = {}) =>
  define(name, 'phone', { length: 40, ...options });
export const url = (name: string, options: Options = {}) => define(name, 'url', { length: 255, ...options });
export const checkbox = (name: string, options: Options = {}) =>
  define(name, 'boolean', { nillable: false, defaultedOnCreate: true, defaultValue: false, ...options });
export const whole = (name: string, options: Options = {}) => define(name, 'int', options);
export const date = (name: string, options: Options = {}) => define(name, 'date', options);
export const moment = (name: string, options: Options = {}) => define(name, 'datetime', options);
export const money = (name: string, options: Options = {}) =>
  define(name, 'currency', { precision: 18, scale: 2, ...options });
export const decimal = (name: string, options: Options = {}) =>
  define(name, 'double', { precision: 18, scale: 2, ...options });
export const percent = (name: string, options: Options = {}) =>
  define(name, 'percent', { precision: 3, scale: 0, ...options });
export const binary = (name: string, options: Options = {}) => define(name, 'base64', options);

/** A picklist; `defaultValue` in the options marks the value that new records get. */
export const picklist = (name: string, values: string[], options: Options = {}) =>
  define(name, 'picklist', {
    length: 255,
    picklistValues: picklistValues(values, options.defaultValue ?? null),
    ...options,
  });

export const picklistValues = (values: string[], defaultValue: unknown = null): PicklistValue[] =>
  values.map((value) => ({ value, label: value, active: true, defaultValue: value === defaultValue }));

/** A reference to one object or several; `AccountId` is traversed as `Account`. */
export const lookup = (name: string, target: string | string[], options: Options = {}) =>
  define(name, 'reference', {
    label: labelOf(name).replace(/ Id$/, ' ID'),
    referenceTo: [target].flat(),
    relationshipName: name.replace(/Id$/, ''),
    ...options,
  });

/** Filled by PostgreSQL from other columns of the row. */
export const generated = (definition: FieldDefinition, computed: string): FieldDefinition => ({
  ...definition,
  ...readOnly,
  computed,
});

/** Street, City, State, PostalCode, Country and their compound, all starting with `prefix`. */
export function address(prefix: string): FieldDefinition[] {
  const compound = `${prefix}Address`;
  const part = { compoundFieldName: compound };
  return [
    define(`${prefix}Street`, 'textarea', { length: 255, ...part }),
    text(`${prefix}City`, 40, part),
    text(`${prefix}State`, 80, { label: labelOf(`${prefix}State/Province`), ...part }),
    text(`${prefix}PostalCode`, 20, { label: labelOf(`${prefix}Zip/PostalCode`), ...part }),
    text(`${prefix}Country`, 80, part),
    decimal(`${prefix}Latitude`, { scale: 15, ...part }),
    decimal(`${prefix}Longitude`, { scale: 15, ...part }),
    define(compound, 'address', { ...readOnly, label: labelOf(compound) }),
  ];
}

/** First and last name with their compound, as people have them. */
export function personName(extra: FieldDefinition[] = [salutation()]): FieldDefinition[] {
  const part = { compoundFieldName: 'Name' };
  return [
    text('LastName', 80, { ...required, ...part }),
    text('FirstName', 40, part),
    ...extra,
    generated(
      text('Name', 121, { label: 'Full Name', nameField: true, nillable: false }),
      `case when "FirstName" is null then "LastName" else "FirstName" || ' ' || "LastName" end`,
    ),
  ];
}

const salutation = () =>
  picklist('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'], {
    compoundFieldName: 'Name',
    length: 40,
  });

export const owner = (targets: string | string[] = 'User') =>
  lookup('OwnerId', targets, { label: 'Owner ID', nillable: false, defaultedOnCreate: true });

/** Who and when; in every ordinary object. */
export function audit({ modified = true } = {}): FieldDefinition[] {
  const system = { ...readOnly, nillable: false, defaultedOnCreate: true };
  const created = [moment('CreatedDate', system), lookup('CreatedById', 'User', system)];
  if (!modified) return created;
  return [
    ...created,
    moment('LastModifiedDate', system),
    lookup('LastModifiedById', 'User', system),
    moment('SystemModstamp', system),
  ];
}

/** Id and the recycle bin's mark. */
export const identity = (label: string): FieldDefinition[] => [
  ...idOnly(label),
  checkbox('IsDeleted', { label: 'Deleted', ...readOnly }),
];

/** Id of an object whose deleted rows are gone. */
export const idOnly = (label: string): FieldDefinition[] => [
  define('Id', 'id', {
    label: `${label} ID`,
    ...readOnly,
    nillable: false,
    defaultedOnCreate: true,
    idLookup: true,
  }),
];

/** `NumberOfEmployees`: Number Of Employees. */
export const labelOf = (name: string): string =>
  name.replace(/__c$/, '').replaceAll(/(?<=[a-z])(?=[A-Z0-9])/g, ' ');

const define = (name: string, type: FieldType, options: Options): FieldDefinition => ({
  label: labelOf(name),
  ...options,
  name,
  type,
});
