import { forStaff, hasRole, type StaffViewer } from '../access/viewer.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { Forbidden, Invalid, NotFound } from '../platform/errors.ts';
import { recordChanges } from '../platform/salesforce/mirror/changes.ts';
import { chosenMappings } from '../platform/salesforce/mirror/chosen.ts';
import { type DescribedField, freshFields } from '../platform/salesforce/mirror/described.ts';
import type { Mirrored } from '../platform/salesforce/mirror/mapping.ts';
import { isSame } from '../platform/salesforce/outbox/merge-fields.ts';
import { fieldOwners } from '../platform/salesforce/outbox/merge-owners.ts';
import { type PendingField, pendingFields } from '../platform/salesforce/outbox/pending.ts';
import { type Value, write } from '../platform/salesforce/outbox/outbox.ts';

import { isTypable, typedValue } from './attribute-values.ts';
import { spoken } from './attributes.ts';
import * as queries from './account-attributes.queries.ts';
import { accountObjects } from './salesforce.ts';

/** A field of an account as people see and change it (AP11). */
export interface AccountAttribute extends DescribedField {
  value: Value;
  /** Whose word counts when both sides changed it. */
  owner: 'salesforce' | 'rapport' | 'shared';
  isEditable: boolean;
  pending: PendingField | undefined;
  /** The name of the user that a reference to one means. */
  meaning: string | undefined;
}

/** What somebody typed into the fields of a form, and what the form showed before they did. */
export interface TypedAttributes {
  typed: Readonly<Record<string, string>>;
  seen: Readonly<Record<string, string>>;
}

/** What an account's fields hold, and who may be chosen where a user is meant. */
export interface AccountAttributes {
  attributes: AccountAttribute[];
  users: { id: string; name: string }[];
}

export const mayEditAttributes = (viewer: StaffViewer): boolean => hasRole(viewer, 'csm', 'rep', 'admin');

/** Every field that Salesforce describes of accounts, with this account's values. @throws NotFound */
export async function attributesOf(viewer: StaffViewer, accountId: string): Promise<AccountAttributes> {
  const [{ fields, mapping, ownerOf }, row, pending, users] = await Promise.all([
    described(),
    queries.selectRow(forStaff(viewer), accountId),
    pendingFields('Account', accountId),
    queries.selectUsers(forStaff(viewer)),
  ]);
  if (row === undefined) throw new NotFound();
  const names = new Map(users.map(({ id, name }) => [id, name]));
  const attributes = (fields ?? undescribed(row, mapping))
    .filter((field) => isShown(field, { mapping, row }))
    .map((field): AccountAttribute => {
      const owner = ownerOf('Account', field.name);
      const value = valueIn(row, mapping, field.name);
      return {
        ...field, value, owner,
        isEditable: field.isUpdateable && !field.isCalculated && owner !== 'rapport' && isTypable(field),
        pending: pending.find((one) => one.field === field.name),
        meaning: typeof value === 'string' ? names.get(value) : undefined,
      }; // prettier-ignore
    });
  return { attributes, users: users.filter(({ isActive }) => isActive) };
}

/** What the mirror holds: readable, chosen, and not what Rapport itself computes. */
function isShown(
  { name, isUpdateable }: DescribedField,
  { mapping, row }: { mapping: Mirrored; row: queries.AccountRow },
): boolean {
  const { ownFields = [], leftOut = [], columns } = mapping;
  if (ownFields.includes(name) || leftOut.includes(name) || name === 'Rapport_Id__c') return false;
  return isUpdateable || name in row.attributes || Object.values(columns).some(({ field }) => field === name);
}

async function described() {
  const [fields, mappings] = await Promise.all([freshFields('Account'), chosenMappings(accountObjects)]);
  const mapping = mappings.find(({ sobject }) => sobject === 'Account');
  if (mapping === undefined) throw new Error('accounts are not mirrored');
  return { fields, mapping, ownerOf: await fieldOwners(mappings) };
}

const filled = (attributes: Record<string, unknown>): string[] =>
  Object.keys(attributes).filter((name) => plain(attributes[name]) !== null);

/** What can be shown, and not changed, while Salesforce has never described its fields. */
const undescribed = (row: queries.AccountRow, { columns }: Mirrored): DescribedField[] =>
  [...new Set([...Object.values(columns).map(({ field }) => field), ...filled(row.attributes)])].map((name) => ({
    name, label: spoken(name), type: 'string', isUpdateable: false, isCalculated: false, isRequired: false, length: 0, digits: 0,
    scale: 0, choices: [], isRestricted: false, refersTo: [],
  })); // prettier-ignore

/**
 * Changes fields of an account, here at once and in Salesforce through the outbox, where the three-way merge weighs them against what
 * others did meanwhile (decision 015). What somebody changed since the form was shown is not written over unseen.
 * @returns how many fields changed @throws Forbidden, NotFound, Invalid
 */
export async function changeAttributes(
  viewer: StaffViewer,
  accountId: string,
  { typed, seen }: TypedAttributes,
): Promise<number> {
  if (!mayEditAttributes(viewer)) throw new Forbidden();
  const { fields, mapping, ownerOf } = await described();
  if (fields === undefined) throw new Invalid({ form: 'attributes.errors.notDescribed' });
  const wanted = fields.filter(
    ({ name, isUpdateable, isCalculated }) =>
      Object.hasOwn(typed, name) && isUpdateable && !isCalculated && ownerOf('Account', name) !== 'rapport',
  );
  return await transaction(async (tx) => {
    const row = await queries.lockRow(tx, forStaff(viewer), accountId);
    if (row === undefined) throw new NotFound();
    const changes = changesOf(wanted, { typed, seen, valueBefore: (name) => valueIn(row, mapping, name) });
    if (changes.length === 0) return 0;
    await keep(tx, { accountId, mapping, changes });
    await write(tx, {
      sobject: 'Account',
      operation: 'update',
      salesforceId: accountId,
      fields: Object.fromEntries(changes.map(({ name, value }) => [name, value])),
      base: Object.fromEntries(changes.map(({ name, before }) => [name, before])),
      actor: { personId: viewer.personId, name: viewer.name },
      feature: 'accounts',
    });
    return changes.length;
  });
}

interface Change {
  name: string;
  before: Value;
  value: Value;
}

/** @throws Invalid with what is wrong in each field; nothing is changed then */
function changesOf(
  fields: readonly DescribedField[],
  { typed, seen, valueBefore }: TypedAttributes & { valueBefore: (this: void, name: string) => Value },
): Change[] {
  const errors: Record<string, string> = {};
  const changes = fields.flatMap((field): Change[] => {
    const { name } = field;
    const text = typed[name] ?? '';
    const [before, shown] = [valueBefore(name), seen[name] ?? ''];
    if (isSame(text, shown)) return [];
    const read = typedValue(field, text);
    if ('error' in read) errors[`value.${name}`] = read.error;
    else if (isSame(read.value, before)) return [];
    else if (!isSame(shown, textOf(before))) errors[`value.${name}`] = 'attributes.errors.changedMeanwhile';
    else return [{ name, before, value: read.value }];
    return [];
  });
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
  return changes;
}

/** A value as a form holds it. */
export const textOf = (value: Value): string => (value === null ? '' : String(value));

/** The mirror shows it at once; whatever counts on accounts hears of it as of any change. */
async function keep(
  tx: Tx,
  given: { accountId: string; mapping: Mirrored; changes: readonly Change[] },
): Promise<void> {
  const { accountId, mapping, changes } = given;
  const columns = Object.entries(mapping.columns).flatMap(([column, { field, form }]) =>
    changes.filter(({ name }) => name === field).map(({ value }) => ({ column, form, value })),
  );
  const taken = new Set(Object.values(mapping.columns).map(({ field }) => field));
  const attributes = Object.fromEntries(
    changes.filter(({ name }) => !taken.has(name)).map(({ name, value }) => [name, value]),
  );
  await queries.updateRow(tx, accountId, { columns, attributes });
  await recordChanges(tx, 'accounts', [{ row_id: accountId, change: 'updated' }]);
}

/** The value that the mirror holds of a field, as Salesforce would give it. */
function valueIn(row: queries.AccountRow, mapping: Mirrored, name: string): Value {
  const known = Object.entries(mapping.columns).find(([, { field }]) => field === name);
  if (known === undefined) return plain(row.attributes[name]);
  const [column, { form }] = known;
  const value = row.columns[column];
  if (value === null || value === undefined) return null;
  if (form === 'minor') return Number(value) / 100;
  if (form === 'list' && Array.isArray(value)) return value.join(';');
  return plain(value);
}

function plain(value: unknown): Value {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}
