import type { Request } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import { listSettings, type ViewList } from '../../accounts/saved-views.ts';
import { ranks } from '../../health/ranks.ts';
import { statuses } from '../../licenses/status.ts';
import { pageNumber, searchText, sortAmong } from '../../platform/http/parse.ts';
import {
  accountChoices,
  type AccountFilter,
  accountsSeenBy,
  PAGE_SIZE,
  sortings,
} from '../../portfolio/accounts.ts';
import { frequencies, NONE, riskLevels, sizeNames } from '../../portfolio/filters.ts';
import { staffViewerOf } from '../guards.ts';

import { accountColumns, columnsFor } from './account-columns.ts';
import { shownViews } from './account-views.ts';
import { spokenReason, wholeMoney } from './account-tabs/spoken.ts';

/* A list of accounts as its address asks for it: the same on the list itself and below the dashboard of health. */

const choice = z
  .string()
  .trim()
  .max(200)
  .optional()
  .catch(undefined)
  .transform((text) => (text === '' ? undefined : text));

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names).optional().catch(undefined);

const ListQuery = z.object({
  q: searchText,
  type: choice,
  industry: choice,
  country: choice,
  owner: choice,
  manager: choice,
  stage: choice,
  tag: choice,
  field: choice,
  value: choice,
  status: oneOf(statuses),
  rank: oneOf(ranks),
  size: oneOf([NONE, ...sizeNames]),
  frequency: oneOf([...frequencies, NONE]),
  risk: oneOf([...riskLevels, NONE]),
  persistent: oneOf(['1']),
  renewal: z.coerce.number().int().min(1).max(730).optional().catch(undefined),
  columns: choice,
  view: choice,
  page: pageNumber,
  sort: sortAmong(sortings).optional().catch(undefined),
});

export type AskedList = z.infer<typeof ListQuery>;

export const askedOf = (req: Request): AskedList => ListQuery.parse(req.query);

/** What the address asks for, as the viewer means it: `me` is themselves. */
export function filterOf(asked: AskedList, viewer: StaffViewer): AccountFilter {
  const own = viewer.userId ?? 'nobody';
  const { field, value } = asked;
  return {
    search: asked.q || undefined,
    ownerId: asked.owner === 'me' ? own : asked.owner,
    managerId: asked.manager === 'me' ? own : asked.manager,
    type: asked.type,
    industry: asked.industry,
    country: asked.country,
    stage: asked.stage,
    tag: asked.tag,
    status: asked.status,
    rank: asked.rank,
    size: asked.size,
    frequency: asked.frequency,
    risk: asked.risk,
    persistent: asked.persistent === undefined ? undefined : true,
    renewalDays: asked.renewal,
    attribute: field === undefined || value === undefined ? undefined : { name: field, value },
  };
}

/** Names of the filters that narrow a list; order, page and columns do not. */
const filterNames = [
  'q', 'type', 'industry', 'country', 'owner', 'manager', 'stage', 'tag', 'status', 'rank', 'size', 'frequency', 'risk', 'persistent',
  'renewal', 'field',
] as const; // prettier-ignore

interface Listing {
  list: ViewList;
  /** Where the list is shown. */
  path: string;
  order: { sort: (typeof sortings)[number]; direction: 'asc' | 'desc' };
  /** What the list is narrowed to whatever is asked. */
  only?: Partial<AccountFilter>;
}

/** Everything that `views/console/accounts/list.ejs` shows. Three statements. */
export async function listed(req: Request, { list, path, order, only = {} }: Listing) {
  const asked = askedOf(req);
  const viewer = staffViewerOf(req);
  const wanted = asked.sort ?? order;
  const [{ accounts, total, page }, choices, settings] = await Promise.all([
    accountsSeenBy(viewer, {
      filter: { ...filterOf(asked, viewer), ...only },
      order: wanted,
      page: asked.page,
    }),
    accountChoices(viewer),
    listSettings(viewer, list),
  ]);
  const views = shownViews(req, { list, path, saved: settings.views });
  return {
    listName: list, listPath: path, accounts, total, here: page, choices, asked, views,
    columns: chosenColumns(list, asked, views.current?.columns ?? settings.columns), allColumns: accountColumns,
    sort: (wanted.direction === 'desc' ? '-' : '') + wanted.sort,
    pages: Math.max(1, Math.ceil(total / PAGE_SIZE)),
    filters: filterNames.filter((name) => Boolean(asked[name])),
    query: new URLSearchParams(req.originalUrl.split('?')[1] ?? '').toString(),
    whySentence: spokenReason, wholeMoney, me: viewer.userId,
  }; // prettier-ignore
}

/** The columns that the address names, else those of the view or the person's own. */
export const chosenColumns = (
  list: ViewList,
  { columns }: AskedList,
  otherwise: readonly string[] | undefined,
) => columnsFor(list, columns === undefined ? otherwise : columns.split(','));
