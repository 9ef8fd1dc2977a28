import type { Request, Response } from 'express';

import { convertedStatuses, convertLead } from '../salesforce/records/convert.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { recordPath } from './paths.ts';
import { literal } from './reading.ts';
import { findRecord, type Found } from './record.ts';
import { titleOf } from './values.ts';

/** GET /lightning/r/Lead/:id/convert: what the lead is to become. */
export async function showConvert(req: Request, res: Response): Promise<void> {
  const found = await findLead(req, res);
  if (found) await renderConvert(found, res, {});
}

/** POST of the same. */
export async function doConvert(req: Request, res: Response): Promise<void> {
  const found = await findLead(req, res);
  if (!found) return;
  const typed = (req.body ?? {}) as Record<string, string | undefined>;
  const result = await convertLead(found.ctx, {
    leadId: found.id,
    convertedStatus: typed.status ?? '',
    accountId: typed.account === '' ? undefined : typed.account,
    doNotCreateOpportunity: typed.opportunity !== 'true',
    opportunityName: typed.opportunityName?.trim() === '' ? undefined : typed.opportunityName,
  });
  const problem = result.errors.map(({ message }) => message).join(' ');
  if (result.success) res.redirect(303, recordPath('Contact', result.contactId ?? ''));
  else await renderConvert(found, res.status(422), { typed, problem });
}

async function findLead(req: Request, res: Response): Promise<Found | undefined> {
  req.params.object = 'Lead';
  const found = await findRecord(req, res);
  if (found?.record.IsConverted !== true) return found;
  res.redirect(303, recordPath('Lead', found.id));
  return undefined;
}

interface Refused {
  typed?: Record<string, string | undefined>;
  problem?: string;
}

/** Accounts that are called as the lead's company are offered first. */
async function renderConvert({ ctx, layout, sobject, record, id }: Found, res: Response, refused: Refused): Promise<void> {
  const company = typeof record.Company === 'string' ? record.Company : '';
  const { records } = await runQuery(
    ctx,
    `SELECT Id, Name, BillingCity FROM Account WHERE Name LIKE ${literal(`${company.split(/\s+/)[0] ?? ''}%`)} ORDER BY Name LIMIT 20`,
  );
  const accounts = records.map((each) => ({
    id: String(each.Id),
    name: [each.Name, each.BillingCity].filter(Boolean).join(', '),
  }));
  const { typed = {}, problem } = refused;
  res.render('crm/convert', { layout, sobject, id, name: titleOf(sobject, record), company, accounts, statuses: convertedStatuses, typed, problem });
} // prettier-ignore
