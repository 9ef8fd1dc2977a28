import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { isStored } from '../schema/tables.ts';
import { attempt } from './attempt.ts';
import { mark } from './bin.ts';
import { isId, toLongId } from './ids.ts';
import { lockRows, unableToLock } from './lock.ts';
import { settleRelations } from './rules/contacts.ts';
import { reachCases } from './rules/cases.ts';
import type { SaveResult } from './results.ts';
import { updateRecords } from './save.ts';
import { stampAssignments } from './system.ts';
import type { InputRow } from './work.ts';

export interface Merge {
  /** `Account`, `Contact`, `Lead` or `Case`. */
  sobject: string;
  /** The record that stays. */
  masterId: string;
  /** Values that it takes over. */
  values: InputRow;
  /** One record or two that go into it. */
  loserIds: string[];
}

export interface MergeResult extends SaveResult {
  mergedRecordIds: string[];
  /** Records that have belonged to a loser and now belong to the master. */
  updatedRelatedIds: string[];
}

/** Merges records: the losers go to the recycle bin and name their master, what belonged to them belongs to it. */
export async function mergeRecords(ctx: Context, merge: Merge): Promise<MergeResult> {
  const sobject = ctx.org.catalog.find(merge.sobject);
  const [masterId, ...loserIds] = [merge.masterId, ...merge.loserIds].map((id) => (isId(id) ? toLongId(id) : id));
  const ids = { masterId: masterId ?? '', loserIds };
  const refused = (errors: SaveError[]): MergeResult => ({ success: false, errors, mergedRecordIds: [], updatedRelatedIds: [], ...(ids.masterId && { id: ids.masterId }) });
  const refusal = sobject ? refusalOf(ctx, sobject, ids) : saveError('INVALID_TYPE', `sObject type '${merge.sobject}' is not supported.`);
  if (!sobject || refusal) return refused([refusal ?? notMergeable(merge.sobject)]);
  let related: string[] = [];
  const [result] = await attempt(ctx, { sobjects: [sobject], count: 1 }, async (inner) => {
    const errors = await findErrors(inner, sobject, ids);
    if (errors.length > 0) return [{ success: false, errors }];
    const saved = await updateRecords(inner, sobject.name, [{ ...merge.values, Id: ids.masterId }]);
    if (!saved[0]?.success) return saved;
    related = await reparent(inner, sobject, ids);
    await mark(inner, sobject, { ids: loserIds, deleted: true, masterId: ids.masterId });
    return saved;
  });
  if (!result?.success) return refused(result?.errors ?? []);
  return { id: ids.masterId, success: true, errors: [], mergedRecordIds: loserIds, updatedRelatedIds: related };
} // prettier-ignore

/** Objects whose records can be merged. */
export const mergeable = new Set(['Account', 'Contact', 'Lead', 'Case']);

const notMergeable = (name: string) =>
  saveError('INVALID_OPERATION', `entity type cannot be merged: ${name}`);

interface Ids {
  masterId: string;
  loserIds: string[];
}

function refusalOf(ctx: Context, sobject: SObject, { masterId, loserIds }: Ids): SaveError | undefined {
  const { org, user } = ctx;
  if (!mergeable.has(sobject.name)) return notMergeable(sobject.name);
  if (loserIds.length < 1 || loserIds.length > 2)
    return saveError('INVALID_OPERATION', 'Merge request must have one or two records to merge');
  const other = [masterId, ...loserIds].find((id) => !isId(id) || org.catalog.ofId(id) !== sobject);
  if (other !== undefined) return saveError('MALFORMED_ID', `id value of incorrect type: ${other}`);
  if (loserIds.includes(masterId) || new Set(loserIds).size < loserIds.length)
    return saveError('INVALID_OPERATION', 'Cannot merge a record with itself');
  if (!org.security.may(user, 'edit', sobject) || !org.security.may(user, 'delete', sobject))
    return saveError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  return undefined;
}

async function findErrors(ctx: Context, sobject: SObject, { masterId, loserIds }: Ids): Promise<SaveError[]> {
  const { rows, taken } = await lockRows(ctx, sobject, [masterId, ...loserIds]);
  return [masterId, ...loserIds].flatMap((id) => {
    if (taken.has(id)) return [unableToLock(id)];
    const row = rows.get(id);
    if (!row) return [saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')];
    if (row.IsConverted === true) return [saveError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')];
    return row.IsDeleted === true ? [saveError('ENTITY_IS_DELETED', 'entity is deleted')] : [];
  });
} // prettier-ignore

/** Records of one parent that may stand for another thing only once, by the field that names that thing. */
const once: Record<string, string[]> = {
  AccountContactRelation: ['AccountId', 'ContactId'],
  CampaignMember: ['CampaignId', 'LeadId', 'ContactId'],
  ContentDocumentLink: ['ContentDocumentId', 'LinkedEntityId'],
};

async function reparent(ctx: Context, sobject: SObject, ids: Ids): Promise<string[]> {
  const moved: string[] = [];
  const children = ctx.org.catalog
    .children(sobject)
    .filter(({ field }) => field.name !== 'MasterRecordId' && isStored(field));
  for (const { sobject: child, field } of children) {
    const names = once[child.name] ?? [];
    const others = names.filter((name) => name !== field.name);
    if (others.length < names.length) await dropDoubles(ctx, child, { field, others, ids });
    moved.push(...(await moveChildren(ctx, { child, field, sobject }, ids)));
  }
  if (sobject.name === 'Account' || sobject.name === 'Contact') await settleRelations(ctx, ids.masterId);
  if (sobject.name === 'Contact') await reachCases(ctx, ids.masterId);
  return moved;
}

interface Child {
  child: SObject;
  field: Field;
  sobject: SObject;
}

/** A record that would become its own parent loses its parent. */
async function moveChildren(ctx: Context, { child, field, sobject }: Child, ids: Ids): Promise<string[]> {
  const stamps = stampAssignments(ctx, child);
  const live = child.field('IsDeleted') ? 'and not "IsDeleted"' : '';
  const column = quote(field.name);
  const isOwn = child === sobject;
  const value = isOwn ? `case when "Id" = $1 then null else $1 end` : '$1';
  const { rows } = await ctx.db.query(
    `update ${quote(child.name)} set ${column} = ${value}${stamps === '' ? '' : `, ${stamps}`}
      where ${column} = any($2::text[]) ${live} ${isOwn ? 'and "Id" <> all($2::text[])' : ''} returning "Id" as id`,
    [ids.masterId, ids.loserIds],
  );
  return (rows as { id: string }[]).map(({ id }) => id);
}

interface Doubles {
  field: Field;
  others: string[];
  ids: Ids;
}

/** What the master has already, it isn't given a second time. */
async function dropDoubles(ctx: Context, child: SObject, { field, others, ids }: Doubles): Promise<void> {
  const column = quote(field.name);
  const same = others.map((name) => `k.${quote(name)} is not distinct from d.${quote(name)}`).join(' and ');
  const live = (row: string) => (child.field('IsDeleted') ? `and not ${row}."IsDeleted"` : '');
  const { rows } = await ctx.db.query(
    `select d."Id" as id from ${quote(child.name)} d
      where d.${column} = any($2::text[]) ${live('d')} and exists (
        select from ${quote(child.name)} k where ${same} ${live('k')} and k."Id" <> d."Id"
           and (k.${column} = $1 or (k.${column} = any($2::text[]) and k."Id" < d."Id")))`,
    [ids.masterId, ids.loserIds],
  );
  const doubles = (rows as { id: string }[]).map(({ id }) => id);
  if (doubles.length === 0) return;
  if (child.field('IsDeleted')) await mark(ctx, child, { ids: doubles, deleted: true });
  else await ctx.db.query(`delete from ${quote(child.name)} where "Id" = any($1::text[])`, [doubles]);
}
