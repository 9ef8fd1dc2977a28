import type { Request, Response } from 'express';

import { contextOf, type Context } from '../salesforce/context.ts';
import { deleteRecords, purgeRecords, undeleteRecords } from '../salesforce/records/delete.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { layouts } from './layouts.ts';
import { listPath } from './paths.ts';
import { findRecord } from './record.ts';
import { titleOf } from './values.ts';

/** GET /lightning/r/:object/:id/delete: asks first. */
export async function askDelete(req: Request, res: Response): Promise<void> {
  const found = await findRecord(req, res);
  if (found) renderDelete(found, res);
}

/** POST of the same: to the recycle bin. */
export async function doDelete(req: Request, res: Response): Promise<void> {
  const found = await findRecord(req, res);
  if (!found) return;
  const [result] = await deleteRecords(found.ctx, [found.id]);
  if (result?.success) res.redirect(303, listPath(found.sobject.name));
  else renderDelete(found, res.status(422), result?.errors.map(({ message }) => message).join(' '));
}

type Found = NonNullable<Awaited<ReturnType<typeof findRecord>>>;

function renderDelete({ layout, sobject, record, id }: Found, res: Response, problem?: string): void {
  res.render('crm/delete', { layout, sobject, id, name: titleOf(sobject, record), problem });
}

/** GET /recycle-bin */
export async function showBin(req: Request, res: Response): Promise<void> {
  await renderBin(contextOf(req), res, {});
}

/** POST /recycle-bin: what is ticked comes back, or goes for good. */
export async function emptyBin(req: Request, res: Response): Promise<void> {
  const ctx = contextOf(req);
  const { ids = [], action } = (req.body ?? {}) as { ids?: string | string[]; action?: string };
  const chosen = [ids].flat();
  const results = await (action === 'empty' ? purgeRecords : undeleteRecords)(ctx, chosen);
  const failed = results.filter(({ success }) => !success);
  const problem = failed.flatMap(({ errors }) => errors.map(({ message }) => message)).join(' ');
  const done = chosen.length - failed.length;
  await renderBin(ctx, res.status(failed.length > 0 ? 422 : 200), { problem, done, action });
}

interface Outcome {
  problem?: string;
  done?: number;
  action?: string | undefined;
}

const most = 100;

async function renderBin(ctx: Context, res: Response, outcome: Outcome): Promise<void> {
  const lists = await Promise.all(layouts.map(({ object }) => deletedOf(ctx, object)));
  const rows = lists.flat().toSorted((one, other) => (one.at < other.at ? 1 : -1)).slice(0, most);
  res.render('crm/bin', { rows, outcome });
} // prettier-ignore

/** The latest deleted records of an object that has a recycle bin. */
async function deletedOf(ctx: Context, object: string) {
  const sobject = ctx.org.catalog.find(object);
  if (!sobject?.field('IsDeleted') || !ctx.org.security.may(ctx.user, 'delete', sobject)) return [];
  const name = sobject.nameField?.name ?? 'Id';
  const master = sobject.field('MasterRecordId') ? ', MasterRecordId' : '';
  const subject = sobject.name === 'Case' ? ', Subject' : '';
  const { records } = await runQuery(
    ctx,
    `SELECT Id, ${name}${master}${subject}, LastModifiedBy.Name, SystemModstamp FROM ${object} WHERE IsDeleted = true ORDER BY SystemModstamp DESC LIMIT ${String(most)}`,
    { all: true },
  );
  return records.map((record) => ({
    id: String(record.Id),
    kind: sobject.label,
    name: String(record.Subject ?? record[name]),
    by: (record.LastModifiedBy as { Name?: string } | null)?.Name ?? '',
    at: String(record.SystemModstamp),
    masterId: typeof record.MasterRecordId === 'string' ? record.MasterRecordId : undefined,
  }));
}
