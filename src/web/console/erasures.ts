import type { Request, Response } from 'express';
import { z } from 'zod';

import { askErasure, erasures, erasureSeenBy, obstaclesTo } from '../../identity/erasure.ts';
import { type Candidate, findPeople, subjectOf } from '../../identity/erasure-subject.ts';
import { exportPerson, heldAbout, linesOf } from '../../identity/person-export.ts';
import { csvStream } from '../../platform/csv.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { only, route, type Route, staffViewerOf } from '../guards.ts';

import { recordUrl } from './record-url.ts';

const page = '/console/erasures';
const admins = only('admin');

/**
 * What is held about one human, to take away and to erase (GDPR, articles 15, 17 and 20). Who it is about is sent in forms, never in an
 * address: addresses are kept by browsers and proxies.
 */
export const erasureRoutes: Route[] = [
  route('get', page, admins(), showErasures),
  route('post', `${page}/searches`, admins(), search),
  route('post', `${page}/reviews`, admins(), submitting(review, showErasures)),
  route('post', `${page}/exports`, admins(), submitting(takeAway, showErasures)),
  route('post', page, admins(), submitting(erase, reviewAgain)),
  route('get', `${page}/:id`, admins({ id: 'staff-thing' }), showErasure),
];

async function showErasures(req: Request, res: Response): Promise<void> {
  await render(req, res, {});
}

const Search = z.object({ text: z.string().trim().max(200).catch('') });

async function search(req: Request, res: Response): Promise<void> {
  const { text } = parse(Search, req.body);
  await render(req, res, { text, found: await findPeople(staffViewerOf(req), text) });
}

async function render(
  req: Request,
  res: Response,
  { text = '', found }: { text?: string; found?: Candidate[] },
): Promise<void> {
  res.render('console/erasures/index', { text, found, erasures: await erasures(staffViewerOf(req)) });
}

const Who = z.object({ who: z.string().trim().min(1).max(320) });

async function review(req: Request, res: Response): Promise<void> {
  const { who } = parse(Who, req.body);
  const subject = await subjectOf(staffViewerOf(req), who);
  const [held, obstacles] = await Promise.all([heldAbout(who), obstaclesTo(subject)]);
  res.render('console/erasures/review', { who, subject, held, obstacles });
}

/** What was typed did not do: the page again, with what is wrong, as long as it is about somebody. */
async function reviewAgain(req: Request, res: Response): Promise<void> {
  const known = Who.safeParse(req.body).success;
  await (known ? review(req, res) : showErasures(req, res));
}

const Erase = Who.extend({ typed: z.string().trim().max(320).default('') });

async function erase(req: Request, res: Response): Promise<void> {
  const { who, typed } = parse(Erase, req.body);
  const id = await askErasure(staffViewerOf(req), { key: who, typed });
  res.redirect(303, `${page}/${id}`);
}

async function showErasure(req: Request, res: Response): Promise<void> {
  const erasure = await erasureSeenBy(staffViewerOf(req), uuidOf(req.params.id));
  res.render('console/erasures/show', { erasure, recordUrl });
}

const Export = Who.extend({ format: z.enum(['json', 'csv']).catch('json') });

async function takeAway(req: Request, res: Response): Promise<void> {
  const { who, format } = parse(Export, req.body);
  const everything = await exportPerson(staffViewerOf(req), who);
  res.attachment(`personal-data.${format}`);
  if (format === 'json') {
    const { sections, exportedAt, subject } = everything;
    res.type('application/json').send(`${JSON.stringify({ exportedAt, about: { key: subject.key, emails: subject.emails, names: subject.names }, sections }, null, 2)}\n`); // prettier-ignore
    return;
  }
  const lines = csvStream(['section', 'row', 'field', 'value'].map((key) => ({ key, header: key })));
  lines.pipe(res.type('text/csv'));
  for (const line of linesOf(everything)) lines.write(line);
  lines.end();
}
