import type { DemoContact } from '../accounts/account.ts';
import type { StaffUser } from '../company/staff.ts';
import { isoMoment } from '../dates.ts';
import type { World } from '../world.ts';

/** A case under way, as its messages see it. */
export interface Thread {
  caseId: string;
  subject: string;
  contact: DemoContact;
  agent: StaffUser;
}

/** Where the demo company's customers write to. */
export const SUPPORT_ADDRESS = 'support@tidewater.example';

/** A mail from the customer to Support. */
export function addIncoming(world: World, thread: Thread, text: string, at: number): string {
  const { contact, caseId } = thread;
  return addMail(world, thread, {
    text,
    at,
    FromName: fullName(contact),
    FromAddress: contact.email,
    ToAddress: SUPPORT_ADDRESS,
    Incoming: true,
    Status: '2',
    by: world.staff.admin,
    identifier: `<${caseId}.${String(at)}@mail.example>`,
  });
}

/** A mail from Support to the customer. */
export function addOutgoing(world: World, thread: Thread, text: string, at: number): string {
  const { contact, agent, caseId } = thread;
  return addMail(world, thread, {
    text,
    at,
    FromName: `${agent.name} (Tidewater Support)`,
    FromAddress: SUPPORT_ADDRESS,
    ToAddress: contact.email,
    Incoming: false,
    Status: '3',
    by: agent.id,
    identifier: `<${caseId}.${String(at)}@tidewater.example>`,
  });
}

interface Mail {
  text: string;
  at: number;
  FromName: string;
  FromAddress: string;
  ToAddress: string;
  Incoming: boolean;
  Status: '2' | '3';
  by: string;
  identifier: string;
}

function addMail(world: World, { caseId, subject }: Thread, mail: Mail): string {
  const { text, at, by, identifier, ...fields } = mail;
  const Id = world.ids.next('EmailMessage');
  world.add('EmailMessage', {
    Id,
    ParentId: caseId,
    TextBody: text,
    Subject: mail.Incoming ? subject : `Re: ${subject}`,
    MessageDate: isoMoment(at),
    IsExternallyVisible: true,
    MessageIdentifier: identifier,
    ThreadIdentifier: `<${caseId}@tidewater.example>`,
    RelatedToId: caseId,
    ...fields,
  }, { at, by }); // prettier-ignore
  return Id;
}

/** A comment by one of us: public ones customers read in the portal, internal ones never. */
export function addComment(
  world: World,
  caseId: string,
  comment: { text: string; isPublic: boolean; by: string; at: number },
): void {
  const { text, isPublic, by, at } = comment;
  const row = {
    Id: world.ids.next('CaseComment'),
    ParentId: caseId,
    IsPublished: isPublic,
    CommentBody: text,
  };
  world.add('CaseComment', row, { at, by });
}

/** A line of the case's history. */
export function addHistory(
  world: World,
  CaseId: string,
  change: { field: string; dataType?: string; from?: string; to?: string; by: string; at: number },
): void {
  const { field, from, to, by, at } = change;
  const DataType = change.dataType ?? (field === 'Status' || field === 'Priority' ? 'DynamicEnum' : 'Text');
  const row = {
    Id: world.ids.next('CaseHistory'),
    CaseId,
    Field: field,
    DataType,
    OldValue: from,
    NewValue: to,
  };
  world.add('CaseHistory', row, { at, by });
}

/** A person's name as one writes it. */
export const fullName = ({ firstName, lastName }: { firstName: string; lastName: string }): string =>
  `${firstName} ${lastName}`;
