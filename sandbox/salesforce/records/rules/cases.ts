import { wholeSeconds } from '../../../clock.ts';
import type { Context } from '../../context.ts';
import type { Draft, Row, SaveHook } from '../hooks.ts';
import { rowsById } from '../system.ts';
import { writeCaseHistory } from './case-history.ts';

/** Closing and reopening, what is known of the contact, and the history of a case. */
export const caseRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    await fillFromContact(ctx, drafts);
    const now = wholeSeconds(ctx.org.clock.now()).toISOString();
    for (const { row, before } of drafts) {
      if (row.Status === undefined || row.Status === before?.Status) continue;
      if (row.Status === 'Closed') row.ClosedDate = now;
      else if (before?.Status === 'Closed') row.ClosedDate = null;
    }
  },
  afterSave: writeCaseHistory,
};

interface ContactFacts extends Row {
  AccountId: string | null;
  Email: string | null;
  Phone: string | null;
  MobilePhone: string | null;
  Fax: string | null;
}

async function fillFromContact(ctx: Context, drafts: Draft[]): Promise<void> {
  const changed = drafts.filter(
    ({ row, before }) => row.ContactId !== undefined && row.ContactId !== before?.ContactId,
  );
  const ids = changed.map(({ row }) => row.ContactId);
  const fields = ['AccountId', 'Email', 'Phone', 'MobilePhone', 'Fax'] as const;
  const contacts = await rowsById<ContactFacts>(ctx, 'Contact', ids, [...fields]);
  for (const { row, before } of changed) {
    const contact = contacts.get(String(row.ContactId)) ?? nobody;
    Object.assign(row, reachedAt(contact));
    if (!before) row.AccountId ??= contact.AccountId;
  }
}

const nobody: ContactFacts = { AccountId: null, Email: null, Phone: null, MobilePhone: null, Fax: null };

const reachedAt = ({ Email, Phone, MobilePhone, Fax }: ContactFacts): Row => ({
  ContactEmail: Email,
  ContactPhone: Phone,
  ContactMobile: MobilePhone,
  ContactFax: Fax,
});

/** After a merge: the contact's cases tell how to reach the contact that they have now. */
export async function reachCases(ctx: Context, contactId: string): Promise<void> {
  await ctx.db.query(
    `update "Case" s set "ContactEmail" = c."Email", "ContactPhone" = c."Phone", "ContactMobile" = c."MobilePhone", "ContactFax" = c."Fax"
       from "Contact" c where c."Id" = $1 and s."ContactId" = c."Id"`,
    [contactId],
  );
}
