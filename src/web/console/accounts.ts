import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import type { StaffViewer, Viewer } from '../../access/viewer.ts';
import { chooseColumns, maybeChosenColumns } from '../../accounts/chosen-columns.ts';
import {
  accountChoices, type AccountFilter, accountsSeenBy, everyAccountSeenBy, type ListedAccount, PAGE_SIZE, sortings,
} from '../../health/accounts.ts'; // prettier-ignore
import { ranks } from '../../health/penalties.ts';
import { statuses } from '../../licenses/status.ts';
import { now } from '../../platform/clock.ts';
import { csvStream } from '../../platform/csv.ts';
import { Forbidden } from '../../platform/errors.ts';
import { pageNumber, searchText } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { type Route, route, staff } from '../guards.ts';

import { accountColumns, columnsFor } from './account-columns.ts';
import { accountProfileRoutes } from './account-profile.ts';

export const consoleAccountRoutes: Route[] = [
  route('get', '/console/accounts', staff(), listAccounts),
  route('get', '/console/accounts.csv', staff(), downloadAccounts),
  route('post', '/console/account-columns', staff(), choose),
  ...accountProfileRoutes,
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
  type: choice,
  industry: choice,
  country: choice,
  owner: choice,
  status: z.enum(statuses).optional().catch(undefined),
  rank: z.enum(ranks).optional().catch(undefined),
  page: pageNumber,
  sort: z
    .string()
    .transform((text) => ({ sort: text.replace(/^-/, ''), direction: text.startsWith('-') ? 'desc' : 'asc' }))
    .pipe(z.object({ sort: z.enum(sortings), direction: z.enum(['asc', 'desc']) }))
    .catch({ sort: 'name', direction: 'asc' }),
});

type Asked = z.infer<typeof ListQuery>;

function filterOf(asked: Asked, viewer: Viewer): AccountFilter {
  const { q, owner, type, industry, country, status, rank } = asked;
  const own = viewer.kind === 'staff' ? (viewer.userId ?? 'nobody') : 'nobody';
  return {
    search: q || undefined,
    ownerId: owner === 'me' ? own : owner,
    type,
    industry,
    country,
    status,
    rank,
  };
}

async function listAccounts(req: Request, res: Response): Promise<void> {
  const asked = ListQuery.parse(req.query);
  const viewer = staffOf(req);
  const [{ accounts, total, page }, choices, chosen] = await Promise.all([
    accountsSeenBy(viewer, { filter: filterOf(asked, viewer), order: asked.sort, page: asked.page }),
    accountChoices(viewer),
    maybeChosenColumns(viewer, 'accounts'),
  ]);
  res.render('console/accounts/index', {
    accounts, total, here: page, choices, asked, columns: columnsFor(chosen), allColumns: accountColumns,
    sort: (asked.sort.direction === 'desc' ? '-' : '') + asked.sort.sort,
    pages: Math.max(1, Math.ceil(total / PAGE_SIZE)),
    isFiltered: filterNames.some((name) => Boolean(asked[name])),
    query: new URLSearchParams(req.originalUrl.split('?')[1] ?? '').toString(),
  }); // prettier-ignore
}

const filterNames = ['q', 'type', 'industry', 'country', 'owner', 'status', 'rank'] as const;

/** The accounts of the list, all pages of it, in the columns that are shown. */
async function downloadAccounts(req: Request, res: Response): Promise<void> {
  const asked = ListQuery.parse(req.query);
  const viewer = staffOf(req);
  const t = translator('en', 'console');
  const columns = columnsFor(await maybeChosenColumns(viewer, 'accounts'));
  const head = [
    { key: 'id', header: t('accounts.columns.id') },
    { key: 'name', header: t('accounts.columns.name') },
    ...columns.map(({ name }) => ({ key: name, header: t(`accounts.columns.${name}`) })),
  ];
  const line = (account: ListedAccount) => ({
    id: account.id,
    name: account.name,
    ...Object.fromEntries(columns.map(({ name, value }) => [name, value(account)])),
  });
  res.attachment(`accounts-${now().toISOString().slice(0, 10)}.csv`).type('text/csv; charset=utf-8');
  await pipeline(
    Readable.from(mapped(everyAccountSeenBy(viewer, filterOf(asked, viewer)), line)),
    csvStream(head),
    res,
  );
}

async function* mapped<From, To>(items: AsyncIterable<From>, turn: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield turn(item);
}

const Choice = z.object({
  columns: z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]),
  query: z.string().max(2000).catch(''),
});

async function choose(req: Request, res: Response): Promise<void> {
  const { columns, query } = Choice.parse(req.body ?? {});
  const known = columnsFor(columns).map(({ name }) => name);
  await chooseColumns(staffOf(req), 'accounts', known);
  const back = new URLSearchParams(query).toString();
  res.redirect(303, back === '' ? '/console/accounts' : `/console/accounts?${back}`);
}

function staffOf(req: Request): StaffViewer {
  if (req.viewer.kind !== 'staff') throw new Forbidden();
  return req.viewer;
}
