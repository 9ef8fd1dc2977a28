import type { Tables } from '../../db.ts';

/** How a field's value becomes a column's. `minor`: money in hundredths. `list`: a multi-select picklist as an array. */
export type Form = 'text' | 'integer' | 'number' | 'minor' | 'boolean' | 'date' | 'moment' | 'list';

export interface Column {
  /** Salesforce's name; `Parent.Name` reaches over a lookup. */
  readonly field: string;
  readonly form: Form;
  /** What stands in the column when the field is empty or hidden from us. */
  readonly otherwise?: string | boolean | number;
}

/** The fields that tell when a record changed, the best first: not every object has the first, or lets it be filtered. */
export const cursors = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'] as const;
type Cursor = (typeof cursors)[number];

/** An object of Salesforce as a table of the mirror, as data. */
export interface Mirrored {
  readonly sobject: string;
  readonly table: keyof Tables;
  readonly columns: Readonly<Record<string, Column>>;
  /**
   * `salesforce`: the row's key is Salesforce's id. `ours`: the row has a key of ours beside `salesforce_id`; it is the uuid in
   * Rapport_Id__c, or, where the object can have none, that of the outbox row which is being sent with the same content.
   */
  readonly key: 'salesforce' | 'ours';
  /** The field that names the case a row hangs on; rows whose case has not arrived are kept and resolved later. */
  readonly caseField?: string;
  /** The outbox's field whose equality shows an object without external id to be our own. */
  readonly echoField?: string;
  /** Rows with changes of ours on their way are left alone until these have arrived. */
  readonly yieldsToOutbox?: true;
  /** Fields that Rapport alone writes: what it knows already is not read back. */
  readonly ownFields?: readonly string[];
  /** What tells new from old; SystemModstamp unless the object has none. */
  readonly cursor: Cursor;
  /** The table holds rows of several objects, told apart by its column `sobject`. */
  readonly sharesTable?: true;
  /** Readable fields that an administrator does not want in the mirror. */
  readonly leftOut?: readonly string[];
  /** Restricts what is mirrored, in SOQL. */
  readonly where?: string;
  /** `often`: with every poll. `seldom`: with every fifth. `whole`: read whole each minute, since its deletes leave no trace. */
  readonly pace: 'often' | 'seldom' | 'whole';
}

type Otherwise = Pick<Column, 'otherwise'>;
const as =
  (form: Form) =>
  (field: string, options: Otherwise = {}): Column => ({ field, form, ...options });

export const text = as('text');
export const integer = as('integer');
export const number = as('number');
export const minor = as('minor');
export const flag = as('boolean');
export const date = as('date');
export const moment = as('moment');
export const list = as('list');

/** What every mapping starts from. */
export function mirrored(
  sobject: string,
  table: Mirrored['table'],
  rest: Partial<Mirrored> & Pick<Mirrored, 'columns'>,
): Mirrored {
  return { sobject, table, key: 'salesforce', cursor: 'SystemModstamp', pace: 'seldom', ...rest };
}

/** An object that an administrator added. Its name and its cursor are found out when it is described. */
export const further = (sobject: string): Mirrored =>
  mirrored(sobject, 'salesforce_records', {
    sharesTable: true,
    columns: { name: text('Name', { otherwise: '' }), created_at: moment('CreatedDate') },
  });
