import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import { chooseColumns } from '../../accounts/chosen-columns.ts';
import { mayRemove } from '../../accounts/removals.ts';
import { listSettings, type SavedView, type ViewList, viewLists } from '../../accounts/saved-views.ts';
import { now } from '../../platform/clock.ts';
import { csvStream } from '../../platform/csv.ts';
import { translator } from '../../platform/words.ts';
import { everyAccountSeenBy, type ListedAccount } from '../../portfolio/accounts.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { columnsFor } from './account-columns.ts';
import { askedOf, chosenColumns, filterOf, listed } from './account-list.ts';
import { accountProfileRoutes } from './account-profile.ts';
import { beginning } from './account-views.ts';

export const consoleAccountRoutes: Route[] = [
  route('get', '/console/accounts', staff(), listAccounts),
  route('get', '/console/accounts.csv', staff(), downloadAccounts),
  route('post', '/console/account-columns', staff(), choose),
  ...accountProfileRoutes,
];

const path = '/console/accounts';

async function listAccounts(req: Request, res: Response): Promise<void> {
  const shown = await listed(req, { list: 'accounts', path, order: { sort: 'name', direction: 'asc' } });
  const first = beginning(req, path, shown.views.default ? [shown.views.default] : []);
  if (first === undefined)
    res.render('console/accounts/index', { ...shown, mayRemove: mayRemove(staffViewerOf(req)) });
  else res.redirect(303, first);
}

/** The accounts of the list, all pages of it, in the columns that are shown. */
async function downloadAccounts(req: Request, res: Response): Promise<void> {
  const asked = askedOf(req);
  const viewer = staffViewerOf(req);
  const list: ViewList = req.query.list === 'health' ? 'health' : 'accounts';
  const { columns: own, views } = await listSettings(viewer, list);
  const columns = chosenColumns(list, asked, columnsOfView(views, asked.view) ?? own);
  const t = translator('en', 'console');
  const head = [
    { key: 'id', header: t('accounts.columns.id') },
    { key: 'name', header: t('accounts.columns.name') },
    ...columns.map(({ name }) => ({ key: name, header: t(`accounts.columns.${name}`) })),
  ];
  const row = (account: ListedAccount) => ({
    id: account.id,
    name: account.name,
    ...Object.fromEntries(columns.map(({ name, value }) => [name, value(account)])),
  });
  const filter = { ...filterOf(asked, viewer), ...(list === 'health' ? { status: 'paying' as const } : {}) };
  res.attachment(`${list}-${now().toISOString().slice(0, 10)}.csv`).type('text/csv; charset=utf-8');
  await pipeline(Readable.from(mapped(everyAccountSeenBy(viewer, filter), row)), csvStream(head), res);
}

function columnsOfView(views: readonly SavedView[], id: string | undefined): string[] | undefined {
  const view = views.find((one) => one.id === id);
  return view && new URLSearchParams(view.query).get('columns')?.split(',');
}

async function* mapped<From, To>(items: AsyncIterable<From>, turn: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield turn(item);
}

const Choice = z.object({
  columns: z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]),
  query: z.string().max(2000).catch(''),
  list: z.enum(viewLists).catch('accounts'),
});

/** Remembers the columns; a list that is seen through a view or a link with columns gets them into its address, too. */
async function choose(req: Request, res: Response): Promise<void> {
  const { columns, query, list } = Choice.parse(req.body ?? {});
  const known = columnsFor(list, columns).map(({ name }) => name);
  await chooseColumns(staffViewerOf(req), list, known);
  const back = new URLSearchParams(query);
  if (back.has('view') || back.has('columns')) back.set('columns', known.join(','));
  const text = back.toString();
  const to = list === 'health' ? '/console/health' : path;
  res.redirect(303, text === '' ? to : `${to}?${text}`);
}
