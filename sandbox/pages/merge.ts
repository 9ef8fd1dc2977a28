import type { Request, Response } from 'express';

import { isId, toLongId } from '../salesforce/records/ids.ts';
import { mergeable, mergeRecords } from '../salesforce/records/merge.ts';
import { readRecords } from '../salesforce/soql/read.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { recordPath } from './paths.ts';
import { containing, labelOf, literal } from './reading.ts';
import { findRecord, type Found } from './record.ts';
import { shown, textOf, titleOf, type Format, type RecordJson } from './values.ts';

/** GET /lightning/r/:object/:id/merge: finds the others (`?q=`); with `?with=` compares one or two of them. */
export async function showMerge(req: Request, res: Response): Promise<void> {
  const found = await findMergeable(req, res);
  if (!found) return;
  const others = idsIn(req.query.with).filter((id) => id !== found.id).slice(0, 2);
  if (others.length > 0) await renderComparison(found, res, { others });
  else await renderChoice(found, res, typeof req.query.q === 'string' ? req.query.q.trim() : '');
} // prettier-ignore

/** POST of the same: `master` stays, with the values of the records that were chosen for each field. */
export async function doMerge(req: Request, res: Response): Promise<void> {
  const found = await findMergeable(req, res);
  if (!found) return;
  const typed = (req.body ?? {}) as Record<string, string | string[]>;
  const { ctx, sobject, id } = found;
  const all = [id, ...idsIn(typed.with)].slice(0, 3);
  const masterId = all.find((each) => each === typed.master) ?? id;
  const records = await comparedRecords(found, all);
  const chosen = differing(found, records).map((name) => {
    const from = records.find((record) => record.Id === typed[`from-${name}`]);
    return [name, (from ?? records.find((record) => record.Id === masterId))?.[name] ?? null];
  });
  const result = await mergeRecords(ctx, {
    sobject: sobject.name,
    masterId,
    values: Object.fromEntries(chosen) as Record<string, unknown>,
    loserIds: all.filter((each) => each !== masterId),
  });
  if (result.success) res.redirect(303, recordPath(sobject.name, masterId));
  else {
    const problem = result.errors.map(({ message }) => message).join(' ');
    await renderComparison(found, res.status(422), { others: all.slice(1), problem });
  }
}

const idsIn = (given: unknown): string[] =>
  [given ?? []].flat().filter((id): id is string => typeof id === 'string' && isId(id)).map(toLongId); // prettier-ignore

async function findMergeable(req: Request, res: Response): Promise<Found | undefined> {
  const found = await findRecord(req, res);
  if (!found || mergeable.has(found.sobject.name)) return found;
  res.status(404).render('crm/missing');
  return undefined;
}

/** Records that are called alike, or as was asked. */
async function renderChoice({ ctx, layout, sobject, record, id }: Found, res: Response, q: string): Promise<void> {
  const nameField = sobject.name === 'Case' ? 'Subject' : (sobject.nameField?.name ?? 'Name');
  const title = titleOf(sobject, record);
  const wanted = q === '' ? title.split(/\s+/).slice(0, 1).join('') : q;
  const second = { Account: 'BillingCity', Contact: 'Email', Lead: 'Company', Case: 'CaseNumber' }[sobject.name] ?? 'Id';
  const { records } = await runQuery(
    ctx,
    `SELECT Id, ${nameField}, ${second}, LastModifiedDate FROM ${sobject.name} WHERE Id != ${literal(id)} AND ${nameField} LIKE ${containing(wanted)}${sobject.name === 'Lead' ? ' AND IsConverted = false' : ''} ORDER BY ${nameField} LIMIT 20`,
  );
  const rows = records.map((each) => ({ id: String(each.Id), name: textOf(each[nameField]), note: textOf(each[second]) }));
  res.render('crm/merge', { layout, sobject, id, name: title, q: wanted, rows, comparison: undefined, problem: undefined });
} // prettier-ignore

/** Fields that a merge may choose between: those of the layout that the viewer may change. */
function comparable({ ctx, sobject, layout }: Found): string[] {
  const names = layout.sections.flatMap(({ fields }) => fields).flatMap((name) => {
    const field = sobject.field(name);
    if (field?.type !== 'address') return [name];
    return ['Street', 'City', 'State', 'PostalCode', 'Country'].map((part) => name.replace(/Address$/, part));
  });
  return names.filter((name) => {
    const field = sobject.field(name);
    return field !== undefined && field.updateable && !field.unique && ctx.org.security.mayEdit(ctx.user, sobject, field);
  });
} // prettier-ignore

async function comparedRecords(found: Found, ids: string[]): Promise<RecordJson[]> {
  const { ctx, sobject } = found;
  const references = comparable(found).filter((name) => sobject.field(name)?.type === 'reference');
  const parents = references.map((name) => `${sobject.field(name)?.relationshipName ?? ''}.Name`);
  const fields = [...new Set(['Id', 'LastModifiedDate', ...comparable(found), ...parents])];
  const records = await readRecords(ctx, sobject, { ids, fields });
  return ids.flatMap((id) => records.filter((record) => record.Id === id));
}

const differing = (found: Found, records: RecordJson[]): string[] =>
  comparable(found).filter((name) => new Set(records.map((record) => record[name] ?? null)).size > 1);

async function renderComparison(
  found: Found,
  res: Response,
  { others, problem }: { others: string[]; problem?: string },
): Promise<void> {
  const { layout, sobject, record, id } = found;
  const records = await comparedRecords(found, [id, ...others]);
  const format = res.locals.format as Format;
  const rows = differing(found, records).map((name) => ({
    name,
    label: labelOf(sobject, name),
    cells: records.map((each) => ({ id: String(each.Id), value: shown(format, sobject, each, name) })),
    chosen: String((records.find((each) => (each[name] ?? null) !== null) ?? records[0])?.Id),
  }));
  const comparison = { records: records.map((each) => ({ id: String(each.Id), at: String(each.LastModifiedDate) })), rows };
  res.render('crm/merge', { layout, sobject, id, name: titleOf(sobject, record), q: '', rows: [], comparison, problem });
} // prettier-ignore
