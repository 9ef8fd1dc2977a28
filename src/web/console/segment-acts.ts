import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { Conflict, Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { line, parse, uuidOf } from '../../platform/http/parse.ts';
import { accountsIn } from '../../segments/members.ts';
import {
  archiveSegment, deleteSegment, favor, restoreSegment, segmentSeenBy, unfavor,
} from '../../segments/segments.ts'; // prettier-ignore
import { clearRisk, LONGEST_REASON, riskLevels, setRisk } from '../../segments/risk.ts';
import { LONGEST_TAG, tagAccounts, untagAccounts } from '../../segments/tags.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

const page = '/console/segments';
const editors = only('csm', 'admin');
const aList = { id: 'staff-thing' } as const;

const listPage = (req: Request): string => `${page}/${uuidOf(req.params.id)}`;

async function favorite(req: Request, res: Response): Promise<void> {
  await favor(staffViewerOf(req), uuidOf(req.params.id));
  back(req, res);
}

async function unfavorite(req: Request, res: Response): Promise<void> {
  const { id } = await segmentSeenBy(req.viewer, uuidOf(req.params.id));
  await unfavor(staffViewerOf(req), id);
  back(req, res);
}

/** To the list of lists, if the star was there, else to the list itself. */
function back(req: Request, res: Response): void {
  const { from } = z.object({ from: z.literal('index').optional().catch(undefined) }).parse(req.body ?? {});
  res.redirect(303, from === 'index' ? page : listPage(req));
}

const archive = unlessUsed(async (req, res) => {
  await archiveSegment(req.viewer, uuidOf(req.params.id));
  flash(res, 'segments.archived');
  res.redirect(303, page);
});

const restore = unlessUsed(async (req, res) => {
  await restoreSegment(req.viewer, uuidOf(req.params.id));
  flash(res, 'segments.restored');
  res.redirect(303, listPage(req));
}, 'segments.notRestored');

const remove = unlessUsed(async (req, res) => {
  await deleteSegment(req.viewer, uuidOf(req.params.id));
  flash(res, 'segments.deleted');
  res.redirect(303, page);
});

/** An act that is refused while something depends on the list: its page says what. */
function unlessUsed(
  act: (req: Request, res: Response) => Promise<void>,
  refusal = 'segments.isUsed',
): RequestHandler {
  return async (req, res) => {
    try {
      await act(req, res);
    } catch (error) {
      if (!(error instanceof Conflict) && !(error instanceof Invalid)) throw error;
      flash(res, refusal, { kind: 'warning' });
      res.redirect(303, listPage(req));
    }
  };
}

/** The accounts that were chosen in the table, or all of the list. */
const Members = z.object({
  whom: z.enum(['chosen', 'all']).catch('chosen'),
  accounts: z
    .union([z.string().transform((one) => [one]), z.array(z.string())])
    .pipe(z.array(z.string().max(18)).max(1000))
    .catch([]),
});

const Tagging = Members.extend({
  tag: line(LONGEST_TAG),
  act: z.enum(['add', 'remove']).catch('add'),
});

/** Tags the accounts that were chosen in the table, or all of the list (TG3). */
async function tagMembers(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const { id } = await segmentSeenBy(viewer, uuidOf(req.params.id));
  const asked = z.object({ form: Tagging }).safeParse({ form: req.body as unknown });
  if (!asked.success) {
    flash(res, 'segments.tagMissing', { kind: 'warning' });
    res.redirect(303, listPage(req));
    return;
  }
  const { tag, act, whom, accounts } = parse(Tagging, req.body);
  const meant = whom === 'all' ? await accountsIn(viewer, id) : accounts;
  const doing = act === 'add' ? tagAccounts : untagAccounts;
  const count = meant.length === 0 ? 0 : await doing(viewer, meant, tag);
  if (meant.length === 0) flash(res, 'segments.nobodyChosen', { kind: 'warning' });
  else flash(res, act === 'add' ? 'segments.tagged' : 'segments.untagged', { values: { count, tag } });
  res.redirect(303, listPage(req));
}

const Marking = z.discriminatedUnion('mark', [
  Members.extend({ mark: z.literal('set'), level: z.enum(riskLevels), reason: line(LONGEST_REASON) }),
  Members.extend({ mark: z.literal('clear') }),
]);

/** Says of the accounts that were chosen, or of all of the list, how much they are at risk (TG4), or takes it back. */
async function markMembers(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const { id } = await segmentSeenBy(viewer, uuidOf(req.params.id));
  const form = Marking.safeParse(req.body);
  const meant = await (!form.success
    ? []
    : form.data.whom === 'all'
      ? accountsIn(viewer, id)
      : form.data.accounts);
  const values = { count: meant.length };
  if (!form.success) flash(res, 'segments.riskMissing', { kind: 'warning' });
  else if (meant.length === 0) flash(res, 'segments.nobodyChosen', { kind: 'warning' });
  else if (form.data.mark === 'set') {
    await setRisk(viewer, meant, form.data);
    flash(res, 'segments.marked', { values });
  } else {
    await clearRisk(viewer, meant);
    flash(res, 'segments.unmarked', { values });
  }
  res.redirect(303, listPage(req));
}

/** What is done with a list as a whole, and with its members. */
export const segmentActRoutes: Route[] = [
  route('post', `${page}/:id/favorites`, staff(aList), favorite),
  route('post', `${page}/:id/favorites/removals`, staff(aList), unfavorite),
  route('post', `${page}/:id/archivals`, editors(aList), archive),
  route('post', `${page}/:id/restorations`, editors(aList), restore),
  route('post', `${page}/:id/deletions`, editors(aList), remove),
  route('post', `${page}/:id/tags`, editors(aList), tagMembers),
  route('post', `${page}/:id/risk`, editors(aList), markMembers),
];
