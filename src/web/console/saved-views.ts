import type { Request, Response } from 'express';
import { z } from 'zod';

import {
  chooseDefaultView,
  deleteView,
  saveView,
  type ViewList,
  viewLists,
} from '../../accounts/saved-views.ts';
import { flash } from '../../platform/http/flash.ts';
import { line, parse, uuidOf } from '../../platform/http/parse.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

/** Views of the lists of accounts: saved, shared, chosen to begin with, deleted. */
export const savedViewRoutes: Route[] = [
  route('post', '/console/views', staff(), save),
  route('post', '/console/views/:id/deletion', staff({ id: 'own-thing' }), remove),
  route('post', '/console/default-views', staff(), choose),
];

const listPaths: Record<ViewList, string> = { accounts: '/console/accounts', health: '/console/health' };

const query = z
  .string()
  .max(2000)
  .catch('')
  .transform((text) => new URLSearchParams(text).toString());

const NewView = z.object({
  list: z.enum(viewLists),
  name: line(80),
  query,
  isShared: z.literal('yes').optional().catch(undefined),
  isDefault: z.literal('yes').optional().catch(undefined),
});

async function save(req: Request, res: Response): Promise<void> {
  const asked = NewView.safeParse(req.body ?? {});
  const { list, ...given } = asked.success ? asked.data : { ...fallback(req.body), name: '' };
  if (given.name === '') {
    flash(res, 'views.errors.name', { kind: 'danger' });
    res.redirect(303, `${listPaths[list]}?${given.query}`);
    return;
  }
  const view = { list, ...given, isShared: given.isShared === 'yes', isDefault: given.isDefault === 'yes' };
  const id = await saveView(staffViewerOf(req), view);
  flash(res, 'views.saved', { values: { name: view.name } });
  res.redirect(303, `${listPaths[list]}?${view.query === '' ? '' : `${view.query}&`}view=${id}`);
}

/** A name that cannot be one: the list is shown again as it was, with what is wrong. */
function fallback(body: unknown) {
  const Rest = NewView.omit({ name: true }).extend({ list: z.enum(viewLists).catch('accounts') });
  return parse(Rest, body);
}

async function remove(req: Request, res: Response): Promise<void> {
  const list = await deleteView(staffViewerOf(req), uuidOf(req.params.id));
  flash(res, 'views.deleted');
  res.redirect(303, `${listPaths[list]}?view=all`);
}

const Default = z.object({ list: z.enum(viewLists), view: z.guid().optional().or(z.literal('')), query });

async function choose(req: Request, res: Response): Promise<void> {
  const { list, view, query: back } = parse(Default, req.body);
  await chooseDefaultView(staffViewerOf(req), list, view === '' ? undefined : view);
  flash(res, view ? 'views.chosen' : 'views.unchosen');
  res.redirect(303, `${listPaths[list]}?${back === '' ? 'view=all' : back}`);
}
