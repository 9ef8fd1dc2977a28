import { wholeSeconds } from '../../../clock.ts';
import type { Context } from '../../context.ts';
import type { Change, Draft, Row, SaveHook, Value } from '../hooks.ts';
import { insertAsSystem, rowsById } from '../system.ts';

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
  async afterSave(ctx, changes) {
    const people = changes.flatMap(({ before, after }) => [before?.OwnerId, after.OwnerId]);
    const names = new Map([
      ...(await rowsById<{ Name: string }>(ctx, 'User', people, ['Name'])),
      ...(await rowsById<{ Name: string }>(ctx, 'Group', people, ['Name'])),
    ]);
    const nameOf = (id: unknown) => names.get(String(id))?.Name ?? null;
    await insertAsSystem(ctx, 'CaseHistory', changes.flatMap((change) => historyOf(change, nameOf)));
  },
}; // prettier-ignore

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

const tracked: Record<string, [field: string, dataType: string]> = {
  Status: ['Status', 'Picklist'],
  Priority: ['Priority', 'Picklist'],
  IsEscalated: ['IsEscalated', 'Boolean'],
  ContactId: ['Contact', 'EntityId'],
  AccountId: ['Account', 'EntityId'],
  Type: ['Type', 'Picklist'],
  Reason: ['Reason', 'Picklist'],
  Subject: ['Subject', 'Text'],
};

function historyOf({ id, before, after }: Change, nameOf: (id: unknown) => string | null): Row[] {
  const line = (Field: string, DataType: string, [OldValue, NewValue]: [Value, Value]): Row => ({
    CaseId: id,
    Field,
    DataType,
    OldValue: asText(OldValue),
    NewValue: asText(NewValue),
  });
  if (!before) return [line('created', 'Text', [null, null])];
  const lines = Object.entries(tracked).flatMap(([name, [field, type]]) => {
    const values: [Value, Value] = [before[name] ?? null, after[name] ?? null];
    return values[0] === values[1] ? [] : [line(field, type, values)];
  });
  if (before.OwnerId === after.OwnerId) return lines;
  const owners: [Value, Value] = [before.OwnerId ?? null, after.OwnerId ?? null];
  return [
    ...lines,
    line('Owner', 'Text', [nameOf(owners[0]), nameOf(owners[1])]),
    line('Owner', 'EntityId', owners),
  ];
}

const asText = (value: Value): string | null => (value === null ? null : String(value).slice(0, 255));
