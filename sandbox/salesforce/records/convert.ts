import { wholeSeconds } from '../../clock.ts';
import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import { attempt } from './attempt.ts';
import type { Row } from './hooks.ts';
import { isId, toLongId } from './ids.ts';
import { lockRows, unableToLock } from './lock.ts';
import { createRecords, updateRecords } from './save.ts';
import type { SaveResult } from './results.ts';
import { insertAsSystem, knownObject, rowsById, stampAssignments } from './system.ts';
import type { InputRow } from './work.ts';

/** How a lead is to become an account, a contact and an opportunity. */
export interface LeadConvert {
  leadId: string;
  /** A status that means converted. */
  convertedStatus: string;
  /** An account that takes the lead in; without it one is made. */
  accountId?: string | undefined;
  contactId?: string | undefined;
  opportunityName?: string | undefined;
  doNotCreateOpportunity?: boolean | undefined;
  overwriteLeadSource?: boolean | undefined;
  ownerId?: string | undefined;
}

export interface LeadConvertResult {
  leadId: string;
  accountId?: string | undefined;
  contactId?: string | undefined;
  opportunityId?: string | undefined;
  success: boolean;
  errors: SaveError[];
}

/** Takes back what was made of a lead until something was refused. */
class Refused extends Error {
  readonly errors: SaveError[];

  constructor(errors: SaveError[]) {
    super('the lead could not be converted');
    this.errors = errors;
  }
}

/** The status that ends a lead as converted, of those that a new org has. */
export const convertedStatuses = ['Closed - Converted'];

/** Makes an account, a contact and an opportunity of a lead, which nobody changes any more. */
export async function convertLead(ctx: Context, convert: LeadConvert): Promise<LeadConvertResult> {
  const leadId = isId(convert.leadId) ? toLongId(convert.leadId) : convert.leadId;
  let made: Made | undefined;
  const work = async (inner: Context): Promise<SaveResult[]> => {
    made = await convertIn(inner, { ...convert, leadId });
    return [{ id: leadId, success: true, errors: [] }];
  };
  try {
    const [result] = await attempt(ctx, { sobjects: [knownObject(ctx, 'Lead')], count: 1 }, work);
    return { leadId, ...made, success: result?.success ?? false, errors: result?.errors ?? [] };
  } catch (error) {
    if (error instanceof Refused) return { leadId, success: false, errors: error.errors };
    throw error;
  }
}

interface Made {
  accountId: string;
  contactId: string;
  opportunityId: string | undefined;
}

async function convertIn(ctx: Context, convert: LeadConvert): Promise<Made> {
  const lead = await leadOf(ctx, convert);
  const OwnerId = ownerOf(ctx, convert, lead);
  const accountId = convert.accountId ?? (await create(ctx, 'Account', { ...accountFrom(lead), OwnerId }));
  const contactId = await contactOf(ctx, convert, { lead, OwnerId, AccountId: accountId });
  const opportunityId = convert.doNotCreateOpportunity
    ? undefined
    : await create(ctx, 'Opportunity', { ...opportunityFrom(ctx, convert, lead), AccountId: accountId, OwnerId });
  const made = { accountId, contactId, opportunityId };
  if (opportunityId !== undefined)
    await insertAsSystem(ctx, 'OpportunityContactRole', [{ OpportunityId: opportunityId, ContactId: contactId, IsPrimary: true }]);
  await close(ctx, convert, made);
  await moveActivities(ctx, convert.leadId, made);
  return made;
} // prettier-ignore

async function leadOf(ctx: Context, { leadId, convertedStatus }: LeadConvert): Promise<Row> {
  const { rows, taken } = await lockRows(ctx, knownObject(ctx, 'Lead'), [leadId]);
  const lead = rows.get(leadId);
  if (taken.has(leadId)) throw new Refused([unableToLock(leadId)]);
  if (!lead) throw new Refused([saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')]);
  if (lead.IsDeleted === true) throw new Refused([saveError('ENTITY_IS_DELETED', 'entity is deleted')]);
  if (lead.IsConverted === true)
    throw new Refused([saveError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')]);
  if (!convertedStatuses.includes(convertedStatus))
    throw new Refused([saveError('INVALID_STATUS', `invalid convertedStatus: ${convertedStatus}`)]);
  return lead;
}

/** A queue can't own what a lead becomes: then it is the one who converts. */
function ownerOf(ctx: Context, { ownerId }: LeadConvert, lead: Row): string {
  const given = ownerId ?? String(lead.OwnerId);
  return given.startsWith('005') ? given : ctx.user.id;
}

const addressParts = ['Street', 'City', 'State', 'PostalCode', 'Country'];
const addressFrom = (lead: Row, prefix: string): InputRow =>
  Object.fromEntries(addressParts.map((part) => [prefix + part, lead[part] ?? null]));
const pick = (lead: Row, names: string[]): InputRow =>
  Object.fromEntries(names.map((name) => [name, lead[name] ?? null]));

const accountFrom = (lead: Row): InputRow => ({
  Name: lead.Company ?? null,
  AccountSource: lead.LeadSource ?? null,
  ...pick(lead, ['Phone', 'Fax', 'Website', 'Industry', 'AnnualRevenue', 'NumberOfEmployees', 'Rating']),
  ...addressFrom(lead, 'Billing'),
});

const contactFrom = (lead: Row): InputRow => ({
  ...pick(lead, [
    'Salutation', 'FirstName', 'LastName', 'Title', 'Email', 'Phone', 'MobilePhone', 'Fax', 'LeadSource', 'Description',
    'HasOptedOutOfEmail', 'DoNotCall',
  ]),
  ...addressFrom(lead, 'Mailing'),
}); // prettier-ignore

function opportunityFrom(ctx: Context, { opportunityName }: LeadConvert, lead: Row): InputRow {
  const now = ctx.org.clock.now();
  const quarterEnd = new Date(Date.UTC(now.getUTCFullYear(), (Math.floor(now.getUTCMonth() / 3) + 1) * 3, 0));
  return {
    Name: opportunityName ?? `${String(lead.Company)}-`,
    StageName: 'Prospecting',
    CloseDate: quarterEnd.toISOString().slice(0, 10),
    LeadSource: lead.LeadSource ?? null,
  };
}

interface Around {
  lead: Row;
  OwnerId: string;
  AccountId: string;
}

/** A new contact, or one that is there: it takes over what it lacks. */
async function contactOf(ctx: Context, convert: LeadConvert, { lead, OwnerId, AccountId }: Around): Promise<string> {
  const { contactId, overwriteLeadSource } = convert;
  if (contactId === undefined) return create(ctx, 'Contact', { ...contactFrom(lead), AccountId, OwnerId });
  const values = contactFrom(lead);
  const known = (await rowsById(ctx, 'Contact', [toLongId(contactId)], Object.keys(values))).get(toLongId(contactId)) ?? {};
  const missing = Object.entries(values).filter(
    ([name, value]) => value !== null && ((known[name] ?? null) === null || (name === 'LeadSource' && overwriteLeadSource)),
  );
  const [result] = await updateRecords(ctx, 'Contact', [{ ...Object.fromEntries(missing), Id: contactId }]);
  if (!result?.success) throw new Refused(result?.errors ?? []);
  return toLongId(contactId);
} // prettier-ignore

async function create(ctx: Context, name: string, row: InputRow): Promise<string> {
  const [result] = await createRecords(ctx, name, [row]);
  if (!result?.success) throw new Refused(result?.errors ?? []);
  return result.id ?? '';
}

async function close(ctx: Context, { leadId, convertedStatus }: LeadConvert, made: Made): Promise<void> {
  await ctx.db.query(
    `update "Lead" set "IsConverted" = true, "Status" = $2, "ConvertedDate" = $3, "ConvertedAccountId" = $4, "ConvertedContactId" = $5,
            "ConvertedOpportunityId" = $6, "IsUnreadByOwner" = false, ${stampAssignments(ctx, knownObject(ctx, 'Lead'))}
      where "Id" = $1`,
    [
      leadId, convertedStatus, wholeSeconds(ctx.org.clock.now()).toISOString().slice(0, 10), made.accountId, made.contactId,
      made.opportunityId ?? null,
    ],
  );
} // prettier-ignore

/** The lead's activities and campaigns go on with the contact, activities also with the opportunity or the account. */
async function moveActivities(ctx: Context, leadId: string, made: Made): Promise<void> {
  for (const name of ['Task', 'Event'])
    await ctx.db.query(
      `update ${quote(name)} set "WhoId" = $2, "WhatId" = coalesce("WhatId", $3), "AccountId" = $4, ${stampAssignments(ctx, knownObject(ctx, name))}
        where "WhoId" = $1 and not "IsDeleted"`,
      [leadId, made.contactId, made.opportunityId ?? made.accountId, made.accountId],
    );
  await ctx.db.query(
    `update "CampaignMember" m set "ContactId" = $2, ${stampAssignments(ctx, knownObject(ctx, 'CampaignMember'))}
      where "LeadId" = $1 and not exists (
        select from "CampaignMember" o where o."CampaignId" = m."CampaignId" and o."ContactId" = $2)`,
    [leadId, made.contactId],
  );
}
