import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { pageNumber, parse, searchText, sortAmong } from '../../platform/http/parse.ts';
import { classOf, knownCodes } from '../../platform/salesforce/wire/error-classes.ts';
import { discard, discardAll, mend, retry, retryAll } from '../../platform/salesforce/outbox/outbox-acts.ts';
import {
  maybeOutboxRow, OUTBOX_PAGE, outboxChoices, outboxCounts, outboxRows, outboxSortings, outboxStatuses,
} from '../../platform/salesforce/outbox/outbox-list.ts'; // prettier-ignore
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { fieldForms, mendedFrom } from './outbox-fields.ts';
import { textOf } from './values.ts';

const home = '/console/outbox';
const admin = only('admin');
const row = { id: 'staff-thing' } as const;

/** What Rapport writes to Salesforce: for all staff to see, for administrators to act on. */
export const outboxRoutes: Route[] = [
  route('get', home, staff(), listRows),
  route('post', `${home}/retries`, admin(), onError(retryAll, 'outbox.retriedAll')),
  route('post', `${home}/discards`, admin(), onError(discardAll, 'outbox.discardedAll')),
  route('get', `${home}/:id`, staff(row), showRow),
  route('post', `${home}/:id/retries`, admin(row), actOn(retry, 'outbox.retried')),
  route('post', `${home}/:id/discards`, admin(row), actOn(discard, 'outbox.discarded')),
  route('post', `${home}/:id/fields`, admin(row), submitting(mendRow, showRow)),
];

const choice = z
  .string()
  .trim()
  .max(200)
  .optional()
  .catch(undefined)
  .transform((text) => (text === '' ? undefined : text));

const ListQuery = z.object({
  q: searchText,
  status: z.enum(outboxStatuses).catch('open'),
  object: choice,
  feature: choice,
  error: choice,
  page: pageNumber,
  sort: sortAmong(outboxSortings).optional().catch(undefined),
});

async function listRows(req: Request, res: Response): Promise<void> {
  const asked = ListQuery.parse(req.query);
  const { q, status, object, feature, error, sort: order } = asked;
  const filter = { status, sobject: object, feature, errorCode: error, search: q };
  const [found, choices, counts] = await Promise.all([
    outboxRows(filter, { order, page: asked.page }),
    outboxChoices(),
    outboxCounts(),
  ]);
  res.render('console/outbox/index', {
    ...found, asked, choices, counts, statuses: outboxStatuses,
    sort: order && (order.direction === 'desc' ? '-' : '') + order.sort,
    here: asked.page, pages: Math.max(1, Math.ceil(found.total / OUTBOX_PAGE)),
    isFiltered: [q, object, feature, error].some(Boolean) || status !== 'open',
    mayAct: hasRole(req.viewer, 'admin'),
  }); // prettier-ignore
}

async function showRow(req: Request, res: Response): Promise<void> {
  const seen = await maybeOutboxRow(idOf(req.params.id));
  if (!seen) throw new NotFound();
  const mayAct = hasRole(req.viewer, 'admin');
  res.render('console/outbox/show', {
    seen,
    mayAct,
    advice: seen.errorCode === null ? undefined : classOf(seen.errorCode, seen.error ?? ''),
    isKnown: seen.errorCode !== null && knownCodes.has(seen.errorCode),
    fields: mayAct ? fieldForms(seen) : [],
    textOf,
  });
}

function actOn(act: (id: number) => Promise<void>, said: string): RequestHandler {
  return async (req, res) => {
    const id = idOf(req.params.id);
    await act(id);
    flash(res, said);
    res.redirect(303, `${home}/${String(id)}`);
  };
}

async function mendRow(req: Request, res: Response): Promise<void> {
  const id = idOf(req.params.id);
  const seen = await maybeOutboxRow(id);
  if (!seen) throw new NotFound();
  await mend(id, mendedFrom(seen.fields, req.body), staffViewerOf(req).name);
  flash(res, 'outbox.mended');
  res.redirect(303, `${home}/${String(id)}`);
}

/** Does something to all that was refused with one code. */
function onError(act: (code: string) => Promise<number>, said: string): RequestHandler {
  return async (req, res) => {
    const { code } = parse(z.object({ code: z.string().min(1).max(200) }), req.body);
    flash(res, said, { values: { count: await act(code) } });
    res.redirect(303, home);
  };
}

/** @throws NotFound for what cannot be the number of a row */
function idOf(parameter: unknown): number {
  const result = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(parameter);
  if (!result.success) throw new NotFound();
  return result.data;
}
