import type { Request, Response } from 'express';

import { contextOf, type Context } from '../salesforce/context.ts';
import type { SObject } from '../salesforce/schema/catalog.ts';
import type { Layout } from './layouts.ts';
import { listPath } from './paths.ts';
import { containing, count, literal, readTable } from './reading.ts';
import { isReadable, type Format } from './values.ts';
import { maybeLayout } from './viewer.ts';

const PAGE = 50;
/** SOQL's OFFSET ends here: whoever wants more narrows the list. */
const DEEPEST = 2000;

/** GET /lightning/o/:object/list: a list view, searched, sorted and paged. */
export async function showList(req: Request, res: Response): Promise<void> {
  const ctx = contextOf(req);
  const layout = maybeLayout(String(req.params.object));
  const sobject = layout && ctx.org.catalog.find(layout.object);
  if (!layout || !sobject || !ctx.org.security.may(ctx.user, 'read', sobject)) {
    res.status(404).render('crm/missing');
    return;
  }
  const asked = readQuery(req, layout, sobject);
  const where = conditionOf(ctx, layout, sobject, asked);
  const total = await count(ctx, sobject.name, where);
  const offset = Math.min((asked.page - 1) * PAGE, DEEPEST);
  const rest = `${where === '' ? '' : `WHERE ${where} `}ORDER BY ${asked.sort} ${asked.direction} NULLS LAST, Id LIMIT ${String(PAGE)} OFFSET ${String(offset)}`;
  const table = await readTable(ctx, res.locals.format as Format, { sobject, columns: layout.columns, rest });
  const pages = Math.ceil(Math.min(total, DEEPEST + PAGE) / PAGE);
  const views = layout.views.filter((view) => isAnswerable(ctx, sobject, view.where));
  const link = (change: Partial<Record<keyof ListQuery, string>>) => linkTo(layout, { ...asked, ...change });
  const mayCreate =
    sobject.createable && ctx.org.security.may(ctx.user, 'create', sobject) && sobject.name !== 'User';
  res.render('crm/list', {
    layout: { ...layout, views },
    sobject,
    table,
    asked,
    total,
    pages,
    offset,
    link,
    mayCreate,
  });
}

interface ListQuery {
  view: string;
  search: string;
  sort: string;
  direction: string;
  page: number;
}

function readQuery(req: Request, layout: Layout, sobject: SObject): ListQuery {
  const text = (name: string) => {
    const value = req.query[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  const wanted = layout.views.find((view) => view.key === text('view')) ?? layout.views[0];
  return {
    view: wanted?.key ?? '',
    search: text('search').slice(0, 100),
    ...orderOf(layout, sobject.field(text('sort'))?.name, text('direction')),
    page: Math.max(1, Math.min(DEEPEST / PAGE + 1, Math.floor(Number(text('page')) || 1))),
  };
}

/** The order that was asked for, if it is by a column; else the layout's. */
function orderOf(
  layout: Layout,
  sort: string | undefined,
  direction: string,
): Pick<ListQuery, 'direction' | 'sort'> {
  if (sort !== undefined && layout.columns.includes(sort))
    return { sort, direction: direction === 'DESC' ? 'DESC' : 'ASC' };
  const [field = 'Name', order = 'ASC'] = layout.orderBy.split(' ');
  return { sort: field, direction: order };
}

function conditionOf(ctx: Context, layout: Layout, sobject: SObject, { view, search }: ListQuery): string {
  const where = layout.views.find(({ key }) => key === view)?.where;
  const conditions =
    isAnswerable(ctx, sobject, where) && where !== undefined
      ? [`(${where.replaceAll(':user', literal(ctx.user.id))})`]
      : [];
  const searched = layout.searched.filter((name) => isReadable(ctx, sobject, name));
  if (search !== '' && searched.length > 0) {
    conditions.push(`(${searched.map((name) => `${name} LIKE ${containing(search)}`).join(' OR ')})`);
  }
  return conditions.join(' AND ');
}

/** Whether the user may see the fields that a view asks about. */
const isAnswerable = (ctx: Context, sobject: SObject, where: string | undefined): boolean =>
  [...(where ?? '').matchAll(/\bRapport_\w+__c\b/g)].every(([name]) => isReadable(ctx, sobject, name));

function linkTo(layout: Layout, asked: Record<keyof ListQuery, number | string>): string {
  const query = new URLSearchParams(
    Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]),
  );
  for (const [name, value] of [...query]) if (value === '') query.delete(name);
  return `${listPath(layout.object)}?${query.toString()}`;
}
