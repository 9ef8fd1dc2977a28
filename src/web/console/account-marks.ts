import type { Request, Response } from 'express';
import { z } from 'zod';

import { accountSeenBy } from '../../accounts/accounts.ts';
import { now } from '../../platform/clock.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, salesforceIdOf } from '../../platform/http/parse.ts';
import { mayEdit } from '../../segments/editors.ts';
import { membershipsOf, segmentHistory } from '../../segments/history.ts';
import {
  clearRisk,
  LONGEST_REASON,
  maybeRisk,
  riskHistory,
  riskLevels,
  setRisk,
} from '../../segments/risk.ts';
import {
  LONGEST_TAG,
  tagAccounts,
  tagHistory,
  tagNames,
  tagsOf,
  untagAccounts,
} from '../../segments/tags.ts';
import { only, type Route, route, staff } from '../guards.ts';

const page = '/console/accounts/:id/marks';
const editors = only('csm', 'admin');
const anAccount = { id: 'account' } as const;

/** An account's tags, risk and lists, with who said what when; and how they are changed by hand (TG3, TG4). */
export const accountMarkRoutes: Route[] = [
  route('get', page, staff(anAccount), showMarks),
  route('post', `${page}/tags`, editors(anAccount), submitting(tag, showMarks)),
  route('post', `${page}/tags/removals`, editors(anAccount), submitting(untag, showMarks)),
  route('post', `${page}/risk`, editors(anAccount), submitting(mark, showMarks)),
  route('post', `${page}/risk/removals`, editors(anAccount), unmark),
];

const accountOf = (req: Request) => accountSeenBy(req.viewer, salesforceIdOf(req.params.id));

async function showMarks(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const account = await accountOf(req);
  const { id } = account;
  const [tags, names, tagChanges, risk, riskChanges, memberships, changes] = await Promise.all([
    tagsOf(viewer, id), tagNames(viewer), tagHistory(viewer, { accountId: id }), maybeRisk(viewer, id), riskHistory(viewer, id),
    membershipsOf(viewer, id), segmentHistory(viewer, id),
  ]); // prettier-ignore
  res.render('console/marks/show', {
    account, tags, names, tagChanges, risk, riskChanges, memberships, changes, mayEdit: mayEdit(viewer),
  }); // prettier-ignore
}

/** The forms stand on the profile, too: whoever used one there comes back to it. */
function back(req: Request, res: Response, id: string): void {
  const { from } = z.object({ from: z.literal('marks').optional().catch(undefined) }).parse(req.body ?? {});
  res.redirect(303, from === 'marks' ? `/console/accounts/${id}/marks` : `/console/accounts/${id}`);
}

const TagForm = z.object({ tag: line(LONGEST_TAG) });

async function tag(req: Request, res: Response): Promise<void> {
  const { id } = await accountOf(req);
  const { tag } = parse(TagForm, req.body);
  await tagAccounts(req.viewer, [id], tag);
  flash(res, 'tags.added', { values: { tag } });
  back(req, res, id);
}

async function untag(req: Request, res: Response): Promise<void> {
  const { id } = await accountOf(req);
  const { tag } = parse(TagForm, req.body);
  await untagAccounts(req.viewer, [id], tag);
  flash(res, 'tags.takenOff', { values: { tag } });
  back(req, res, id);
}

const RiskForm = z.object({
  level: z.enum(riskLevels),
  reason: line(LONGEST_REASON),
  expiresOn: z
    .union([z.literal(''), z.iso.date()])
    .optional()
    .transform((day) => (day === '' ? undefined : day))
    .refine((day) => day === undefined || day >= now().toISOString().slice(0, 10), 'risk.errors.past'),
});

async function mark(req: Request, res: Response): Promise<void> {
  const { id } = await accountOf(req);
  await setRisk(req.viewer, [id], parse(RiskForm, req.body));
  flash(res, 'risk.set');
  back(req, res, id);
}

async function unmark(req: Request, res: Response): Promise<void> {
  const { id } = await accountOf(req);
  await clearRisk(req.viewer, [id]);
  flash(res, 'risk.cleared');
  back(req, res, id);
}
