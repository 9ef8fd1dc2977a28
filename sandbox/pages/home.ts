import type { Request, Response } from 'express';

import { contextOf, type Context } from '../salesforce/context.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { layouts } from './layouts.ts';
import { containing, count, literal, readTable } from './reading.ts';
import { isReadable, type Format } from './values.ts';

/** GET /: what is on the viewer's desk today. */
export async function showHome(_req: Request, res: Response): Promise<void> {
  const ctx = contextOf(_req);
  const format = res.locals.format as Format;
  const me = literal(ctx.user.id);
  const [cases, tasks, deals, atRisk, figures] = await Promise.all([
    listOf(ctx, format, 'Case', { columns: ['CaseNumber', 'Subject', 'Status', 'Priority', 'AccountId', 'CreatedDate'], rest: `WHERE OwnerId = ${me} AND IsClosed = false ORDER BY CreatedDate DESC, Id LIMIT 8` }),
    readTasks(ctx),
    listOf(ctx, format, 'Opportunity', { columns: ['Name', 'StageName', 'Amount', 'CloseDate'], rest: `WHERE OwnerId = ${me} AND IsClosed = false ORDER BY CloseDate, Id LIMIT 8` }),
    listAtRisk(ctx, format, me),
    readFigures(ctx, me),
  ]);
  res.render('crm/home', { cases, tasks, deals, atRisk, figures });
} // prettier-ignore

async function listOf(
  ctx: Context,
  format: Format,
  object: string,
  { columns, rest }: { columns: readonly string[]; rest: string },
) {
  const sobject = ctx.org.catalog.find(object);
  return sobject && { sobject, table: await readTable(ctx, format, { sobject, columns, rest }) };
}

function listAtRisk(ctx: Context, format: Format, me: string) {
  const account = ctx.org.catalog.find('Account');
  if (!account || !isReadable(ctx, account, 'Rapport_Health_Rank__c')) return Promise.resolve(undefined);
  const columns = ['Name', 'Rapport_Health_Rank__c', 'Rapport_Health_Score__c', 'Industry', 'BillingCountry'];
  return listOf(ctx, format, 'Account', { columns, rest: `WHERE OwnerId = ${me} AND Rapport_Health_Rank__c != null ORDER BY Rapport_Health_Score__c NULLS LAST, Id LIMIT 8` });
} // prettier-ignore

async function readTasks(ctx: Context) {
  const { records } = await runQuery(ctx, `SELECT Id, Subject, ActivityDate, Priority, What.Name, WhatId, Who.Name FROM Task WHERE OwnerId = ${literal(ctx.user.id)} AND IsClosed = false ORDER BY ActivityDate NULLS LAST, Id LIMIT 8`);
  const today = ctx.org.clock.now().toISOString().slice(0, 10);
  return records.map((record) => ({
    subject: String(record.Subject),
    due: typeof record.ActivityDate === 'string' ? record.ActivityDate : undefined,
    isLate: typeof record.ActivityDate === 'string' && record.ActivityDate < today,
    isHigh: record.Priority === 'High',
    about: (record.What as { Name?: string } | null)?.Name,
    aboutId: record.WhatId,
  }));
} // prettier-ignore

async function readFigures(ctx: Context, me: string) {
  const [accounts, cases, deals] = await Promise.all([
    count(ctx, 'Account', `OwnerId = ${me}`),
    count(ctx, 'Case', `OwnerId = ${me} AND IsClosed = false`),
    runQuery(
      ctx,
      `SELECT COUNT(Id) deals, SUM(Amount) amount FROM Opportunity WHERE OwnerId = ${me} AND IsClosed = false`,
    ),
  ]);
  const sums = (deals.records[0] ?? {}) as { deals?: number; amount?: number | null };
  return { accounts, cases, deals: sums.deals ?? 0, amount: sums.amount ?? 0 };
}

/** GET /search: the first records of each object that carry what is looked for. */
export async function showSearch(req: Request, res: Response): Promise<void> {
  const ctx = contextOf(req);
  const search = typeof req.query.q === 'string' ? req.query.q.trim().slice(0, 100) : '';
  const results = search === '' ? [] : await Promise.all(layouts.map((layout) => searchIn(ctx, res.locals.format as Format, layout, search)));
  res.render('crm/search', { search, results: results.filter((result) => result !== undefined && result.table.rows.length > 0) });
} // prettier-ignore

async function searchIn(ctx: Context, format: Format, layout: (typeof layouts)[number], search: string) {
  const sobject = ctx.org.catalog.find(layout.object);
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject)) return undefined;
  const where = layout.searched.filter((name) => isReadable(ctx, sobject, name)).map((name) => `${name} LIKE ${containing(search)}`).join(' OR ');
  if (where === '') return undefined;
  const rest = `WHERE ${where} ORDER BY ${layout.orderBy}, Id LIMIT 6`;
  return { layout, sobject, table: await readTable(ctx, format, { sobject, columns: layout.columns.slice(0, 5), rest }) };
} // prettier-ignore
