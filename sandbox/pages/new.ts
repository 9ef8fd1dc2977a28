import type { Request, Response } from 'express';

import { contextOf } from '../salesforce/context.ts';
import { createRecords } from '../salesforce/records/save.ts';
import type { SObject } from '../salesforce/schema/catalog.ts';
import { readChanges, renderForm } from './edit.ts';
import { recordPath } from './paths.ts';
import type { Found } from './record.ts';
import type { RecordJson } from './values.ts';
import { maybeLayout } from './viewer.ts';

/** The record that `/lightning/o/:object/new` begins with; otherwise answers 404 itself. */
function begin(req: Request, res: Response): Found | undefined {
  const ctx = contextOf(req);
  const layout = maybeLayout(String(req.params.object));
  const sobject = layout && ctx.org.catalog.find(layout.object);
  if (
    layout &&
    sobject?.createable &&
    sobject.name !== 'User' &&
    ctx.org.security.may(ctx.user, 'create', sobject)
  )
    return { ctx, layout, sobject, record: defaultsOf(sobject, ctx.user.id), id: '' };
  res.status(404).render('crm/missing');
  return undefined;
}

function defaultsOf(sobject: SObject, userId: string): RecordJson {
  const given = sobject.fields.filter(({ defaultValue, createable }) => createable && defaultValue !== null);
  const defaults = Object.fromEntries(given.map(({ name, defaultValue }) => [name, defaultValue]));
  return sobject.field('OwnerId') ? { ...defaults, OwnerId: userId } : defaults;
}

/** GET /lightning/o/:object/new */
export async function showNew(req: Request, res: Response): Promise<void> {
  const found = begin(req, res);
  if (found) await renderForm(found, res, { typed: {}, errors: [] });
}

/** POST /lightning/o/:object/new: creates the record, or shows the form again with what is wrong. */
export async function saveNew(req: Request, res: Response): Promise<void> {
  const found = begin(req, res);
  if (!found) return;
  const typed = (req.body ?? {}) as Record<string, string>;
  const { ctx, sobject, record } = found;
  const { changed, errors } = await readChanges(found, typed);
  const [result] =
    errors.length > 0 ? [] : await createRecords(ctx, sobject.name, [{ ...record, ...changed }]);
  errors.push(...(result?.errors ?? []));
  if (errors.length > 0) await renderForm(found, res.status(422), { typed, errors });
  else res.redirect(303, recordPath(sobject.name, result?.id ?? ''));
}
