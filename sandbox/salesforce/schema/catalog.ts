export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'multipicklist'
  | 'combobox'
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'time'
  | 'base64'
  | 'address';

export interface PicklistValue {
  value: string;
  label: string;
  active: boolean;
  defaultValue: boolean;
}

/** A filter of a roll-up: `equals`, `lessThan` … with its values, comma-separated. */
export interface SummaryFilter {
  field: string;
  operation: string;
  value: string;
}

/** What a roll-up summary adds up: records of `child` that point at the parent with `foreignKey`. */
export interface Summary {
  operation: 'count' | 'sum' | 'min' | 'max';
  child: string;
  foreignKey: string;
  /** Null for a count. */
  field: string | null;
  filters: SummaryFilter[];
}

/** One field of an object, in describe's own words. */
export interface Field {
  name: string;
  label: string;
  type: FieldType;
  length: number;
  precision: number;
  scale: number;
  nillable: boolean;
  createable: boolean;
  updateable: boolean;
  unique: boolean;
  externalId: boolean;
  caseSensitive: boolean;
  idLookup: boolean;
  restrictedPicklist: boolean;
  picklistValues: PicklistValue[];
  referenceTo: string[];
  relationshipName: string | null;
  /** Name of the sub-query on the parent; null when it has none. */
  childRelationshipName: string | null;
  /** A deleted parent takes this record along. */
  cascadeDelete: boolean;
  /** A parent that this record points at can't be deleted. */
  restrictedDelete: boolean;
  nameField: boolean;
  /** A formula for clients: read only. */
  calculated: boolean;
  /** What it is reckoned from at each reading; null for a field that is stored. */
  formula: string | null;
  formulaTreatBlanksAs: 'BlankAsZero' | 'BlankAsBlank';
  /** A roll-up of child records, likewise counted at each reading. */
  summary: Summary | null;
  /** PostgreSQL's expression of a generated column: nobody writes it, bulk loads leave it out. */
  computed: string | null;
  autoNumber: boolean;
  /** Of a case's custom field: its changes are written down in CaseHistory. */
  trackHistory: boolean;
  /** `L-{000000}` of an auto-number. */
  displayFormat: string | null;
  /** What a new record gets when the field is not given. */
  defaultValue: string | boolean | number | null;
  /** A formula that a new record's value is reckoned from when none is given; it knows no record. */
  defaultFormula: string | null;
  defaultedOnCreate: boolean;
  custom: boolean;
  /** The parts of a compound field name it here: `BillingAddress`, `Name`. */
  compoundFieldName: string | null;
  filterable: boolean;
  sortable: boolean;
  groupable: boolean;
  htmlFormatted: boolean;
  inlineHelpText: string | null;
  /** Field-level security applies: not for system and required standard fields. */
  permissionable: boolean;
}

/** What a definition must give; everything else follows from the type. */
export type FieldDefinition = Pick<Field, 'name' | 'type' | 'label'> & Partial<Field>;

export interface ObjectDefinition {
  name: string;
  label: string;
  labelPlural: string;
  /** Three characters; a custom object gets the next free one. */
  keyPrefix?: string;
  custom?: boolean;
  createable?: boolean;
  updateable?: boolean;
  deletable?: boolean;
  /** Deleted rows stay readable by queryAll and can be undeleted; without it they are gone. */
  undeletable?: boolean;
  /** Without it the system fields (CreatedDate …) are left out but for Id and SystemModstamp. */
  fields: FieldDefinition[];
}

export interface SObject extends Required<Omit<ObjectDefinition, 'fields'>> {
  fields: Field[];
  /** Any case. */
  field: (name: string) => Field | undefined;
  /** The field by which people call a record: Name, CaseNumber, Subject … */
  nameField: Field | undefined;
}

/** A field elsewhere that points at an object. */
export interface ChildRelationship {
  sobject: SObject;
  field: Field;
}

/** The org's schema, in memory; `defineObject` and `defineField` keep it equal to the tables. */
export interface Catalog {
  objects: () => SObject[];
  /** Any case. */
  find: (name: string) => SObject | undefined;
  /** By the first three characters of an id. */
  ofId: (id: string) => SObject | undefined;
  children: (sobject: SObject) => ChildRelationship[];
  /** When the schema changed last. */
  changedAt: () => Date;
  put: (sobject: SObject, at: Date) => void;
  remove: (name: string, at: Date) => void;
}

export function createCatalog(changed: Date): Catalog {
  const byName = new Map<string, SObject>();
  const byPrefix = new Map<string, SObject>();
  const children = new Map<string, ChildRelationship[]>();
  let changedAt = changed;
  const touch = (at: Date) => {
    children.clear();
    changedAt = at;
  };
  return {
    objects: () => [...byName.values()],
    find: (name) => byName.get(name.toLowerCase()),
    ofId: (id) => byPrefix.get(id.slice(0, 3)),
    changedAt: () => changedAt,
    put(sobject, at) {
      byName.set(sobject.name.toLowerCase(), sobject);
      byPrefix.set(sobject.keyPrefix, sobject);
      touch(at);
    },
    remove(name, at) {
      const sobject = byName.get(name.toLowerCase());
      if (sobject) byPrefix.delete(sobject.keyPrefix);
      byName.delete(name.toLowerCase());
      touch(at);
    },
    children(parent) {
      const known = children.get(parent.name) ?? childrenOf(parent, [...byName.values()]);
      children.set(parent.name, known);
      return known;
    },
  };
}

const childrenOf = (parent: SObject, all: SObject[]): ChildRelationship[] =>
  all.flatMap((sobject) =>
    sobject.fields
      .filter((field) => field.referenceTo.includes(parent.name))
      .map((field) => ({ sobject, field })),
  );
