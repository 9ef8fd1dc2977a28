import { randomUUID } from 'node:crypto';

import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import {
  accountWithCase,
  caseSeenBy,
  casesSeenBy,
  openCase,
  productsFor,
  validCase,
  type CaseSearch,
} from '../../cases/cases.ts';
import { closeCase, reopenCase } from '../../cases/closure.ts';
import { replyToCase } from '../../cases/replies.ts';
import { casePriorities, caseStatuses } from '../../cases/status.ts';
import { MAX_FILES } from '../../cases/uploads.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { pageNumber, parse, searchText, uuidOf } from '../../platform/http/parse.ts';
import { accountPeople, accountViewerOf, route, type Route } from '../guards.ts';

import { filesShownAgain, receiveFiles, uploadsOf } from './case-files.ts';

const PAGE_SIZE = 20;

const sorts = ['updated', 'opened', 'subject', 'status', 'priority'] as const;

const Query = z.object({
  q: searchText,
  status: z
    .enum(['open', ...caseStatuses, 'any'])
    .default('any')
    .catch('any'),
  priority: z
    .enum([...casePriorities, 'any'])
    .default('any')
    .catch('any'),
  mine: z.literal('yes').optional().catch(undefined),
  sort: z
    .enum([...sorts, ...sorts.map((name) => `-${name}` as const)])
    .default('-updated')
    .catch('-updated'),
  page: pageNumber,
});

const NewCaseForm = z.object({
  id: z.guid(),
  subject: z.string(),
  description: z.string(),
  priority: z.enum(casePriorities, 'cases.errors.priorityMissing'),
  product: z.string().max(40).optional(),
});

const ReplyForm = z.object({ id: z.guid(), text: z.string() });

const list: RequestHandler = async (req, res) => {
  const query = Query.parse(req.query);
  const { cases, total, page } = await casesSeenBy(req.viewer, searchOf(query));
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const isFiltered =
    query.q !== '' || query.status !== 'any' || query.priority !== 'any' || query.mine !== undefined;
  res.render('portal/cases/index', {
    cases,
    total,
    current: page,
    pages,
    query,
    isFiltered,
    caseStatuses,
    casePriorities,
  });
};

function searchOf({ q, status, priority, mine, sort, page }: z.infer<typeof Query>): CaseSearch {
  const descending = sort.startsWith('-');
  const by = sort.replace('-', '') as CaseSearch['sort'];
  return { text: q, status, priority, mine: mine !== undefined, sort: by, descending, page, size: PAGE_SIZE };
}

const showNew = async (req: Request, res: Response) => {
  const [products, files] = [await productsFor(req.viewer), await filesShownAgain(req)];
  answerTooLarge(res);
  res.render('portal/cases/new', { products, casePriorities, ...files, ...limits, draftId: randomUUID() });
};

const open = async (req: Request, res: Response) => {
  const form = parse(NewCaseForm, req.body);
  const typed = { ...form, productId: form.product === '' ? undefined : form.product };
  const uploads = uploadsOf(req, () => validCase(typed));
  const id = await openCase(req.viewer, typed, uploads);
  flash(res, 'cases.done.opened');
  res.redirect(303, `/portal/cases/${id}`);
};

const show = async (req: Request, res: Response) => {
  const id = uuidOf(req.params.id);
  const seen = await caseSeenBy(req.viewer, id).catch(async (error: unknown) => {
    if (!(error instanceof NotFound)) throw error;
    await offerSwitch(req, res, id);
  });
  if (!seen) return;
  const files = await filesShownAgain(req);
  answerTooLarge(res);
  res.render('portal/cases/show', { seen, ...files, ...limits, draftId: randomUUID() });
};

/** The case is there, in another of their accounts: whoever follows a mail's link should not have to guess that. */
async function offerSwitch(req: Request, res: Response, id: string): Promise<void> {
  const account = await accountWithCase(accountViewerOf(req), req.session.isStrong ?? false, id);
  res.status(404).render('portal/cases/elsewhere', { account, next: `/portal/cases/${id}` });
}

const reply = async (req: Request, res: Response) => {
  const caseId = uuidOf(req.params.id);
  const { id, text } = parse(ReplyForm, req.body);
  await replyToCase(req.viewer, caseId, { id, text }, uploadsOf(req));
  flash(res, 'cases.done.replied');
  res.redirect(303, `/portal/cases/${caseId}`);
};

const close: RequestHandler = async (req, res) => {
  const caseId = uuidOf(req.params.id);
  await closeCase(req.viewer, caseId);
  flash(res, 'cases.done.closed');
  res.redirect(303, `/portal/cases/${caseId}`);
};

const reopen: RequestHandler = async (req, res) => {
  const caseId = uuidOf(req.params.id);
  await reopenCase(req.viewer, caseId);
  flash(res, 'cases.done.reopened');
  res.redirect(303, `/portal/cases/${caseId}`);
};

/* A form that failed is shown at the address it was sent to; asking for that address again leads back to the case. */
const backToCase: RequestHandler = (req, res) => {
  res.redirect(303, `/portal/cases/${uuidOf(req.params.id)}`);
};

/* People are told 25 MB; a little more is taken, for those who count in MiB. */
const limits = { maxFiles: MAX_FILES, toldBytes: 25_000_000 };

function answerTooLarge(res: Response): void {
  if (res.locals.isTooLarge === true) res.status(413);
}

const ofCase = accountPeople({ id: 'case' });

export const caseRoutes: Route[] = [
  route('get', '/portal/cases', accountPeople(), list),
  route('get', '/portal/cases/new', accountPeople(), showNew),
  route('post', '/portal/cases', accountPeople(), receiveFiles, submitting(open, showNew)),
  route('get', '/portal/cases/:id', ofCase, show),
  route('get', '/portal/cases/:id/replies', ofCase, backToCase),
  route('post', '/portal/cases/:id/replies', ofCase, receiveFiles, submitting(reply, show)),
  route('post', '/portal/cases/:id/closure', ofCase, close),
  route('post', '/portal/cases/:id/reopening', ofCase, reopen),
];
