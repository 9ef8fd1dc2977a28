import type { Context } from '../salesforce/context.ts';
import { isId } from '../salesforce/records/ids.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { literal } from './reading.ts';
import type { RecordJson } from './values.ts';

/** Something that happened to a record, or is planned. */
export interface Happening {
  kind: 'call' | 'change' | 'comment' | 'email' | 'event' | 'file' | 'note' | 'opened' | 'task';
  at: string;
  who: string;
  title: string;
  body: string;
  /** Colors and words that set it apart: what customers see and what not. */
  badge: 'Customer' | 'Internal' | 'Public' | undefined;
  href: string | undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const nameIn = (parent: unknown): string => text((parent as RecordJson | null)?.Name);

/** Everything on a case, the newest first: how it was opened, comments, mails, files and changes. */
export async function readCaseFeed(ctx: Context, caseId: string): Promise<Happening[]> {
  const id = literal(caseId);
  const [opened, comments, mails, changes, files, attachments] = await Promise.all([
    runQuery(ctx, `SELECT CreatedDate, Description, Origin, Contact.Name, CreatedBy.Name FROM Case WHERE Id = ${id}`),
    runQuery(ctx, `SELECT Id, CommentBody, IsPublished, CreatedDate, CreatedBy.Name FROM CaseComment WHERE ParentId = ${id}`),
    runQuery(ctx, `SELECT Id, Subject, TextBody, FromName, FromAddress, ToAddress, Incoming, MessageDate FROM EmailMessage WHERE ParentId = ${id}`),
    runQuery(ctx, `SELECT Id, Field, OldValue, NewValue, CreatedDate, CreatedBy.Name FROM CaseHistory WHERE CaseId = ${id} AND Field != 'created'`),
    runQuery(ctx, `SELECT ContentDocument.Title, ContentDocument.FileExtension, ContentDocument.ContentSize, ContentDocument.CreatedDate, ContentDocument.LatestPublishedVersionId, ContentDocument.CreatedBy.Name, Visibility FROM ContentDocumentLink WHERE LinkedEntityId = ${id}`),
    runQuery(ctx, `SELECT Id, Name, BodyLength, CreatedDate, CreatedBy.Name, IsPrivate FROM Attachment WHERE ParentId = ${id}`),
  ]);
  const happenings = [
    ...opened.records.map(openedOf), ...comments.records.map(commentOf), ...mails.records.map(mailOf),
    ...changes.records.filter(isTold).map(changeOf), ...files.records.map(fileOf), ...attachments.records.map(attachmentOf),
  ];
  return newestFirst(happenings);
} // prettier-ignore

const newestFirst = (happenings: Happening[]): Happening[] =>
  happenings.sort((one, other) => moment(other.at) - moment(one.at));
const moment = (at: string): number => new Date(at).getTime();

const openedOf = (record: RecordJson): Happening => ({
  kind: 'opened',
  at: text(record.CreatedDate),
  who: nameIn(record.Contact) || nameIn(record.CreatedBy),
  title:
    record.Origin === null ? 'opened the case' : `opened the case (${text(record.Origin).toLowerCase()})`,
  body: text(record.Description),
  badge: 'Customer',
  href: undefined,
});

const commentOf = (record: RecordJson): Happening => ({
  kind: record.IsPublished === true ? 'comment' : 'note',
  at: text(record.CreatedDate),
  who: nameIn(record.CreatedBy),
  title: record.IsPublished === true ? 'Public comment' : 'Internal comment',
  body: text(record.CommentBody),
  badge: record.IsPublished === true ? 'Public' : 'Internal',
  href: undefined,
});

const mailOf = (record: RecordJson): Happening => ({
  kind: 'email',
  at: text(record.MessageDate),
  who: text(record.FromName) || text(record.FromAddress),
  title: `${record.Incoming === true ? 'E-mail from' : 'E-mail to'} ${record.Incoming === true ? text(record.FromAddress) : text(record.ToAddress)}`,
  body: text(record.TextBody),
  badge: record.Incoming === true ? 'Customer' : 'Public',
  href: undefined,
});

/** A change of a lookup is told twice, by name and by id: only the name says something. */
const isTold = ({ OldValue, NewValue }: RecordJson): boolean =>
  !isId(text(NewValue)) && !isId(text(OldValue));

function changeOf(record: RecordJson): Happening {
  const [field, from, to] = [text(record.Field), text(record.OldValue), text(record.NewValue)];
  const change = from === '' ? `to ${to}` : `from ${from} to ${to === '' ? 'nothing' : to}`;
  return {
    kind: 'change',
    at: text(record.CreatedDate),
    who: nameIn(record.CreatedBy),
    title: `changed ${field} ${change}`,
    body: '',
    badge: undefined,
    href: undefined,
  };
}

function fileOf(record: RecordJson): Happening {
  const file = (record.ContentDocument ?? {}) as RecordJson;
  const isPublic = record.Visibility === 'AllUsers';
  return {
    kind: 'file',
    at: text(file.CreatedDate),
    who: nameIn(file.CreatedBy),
    title: `${text(file.Title)}.${text(file.FileExtension)}`,
    body: sizeOf(file.ContentSize),
    badge: isPublic ? 'Public' : 'Internal',
    href: `/sfc/servlet.shepherd/version/download/${text(file.LatestPublishedVersionId)}`,
  };
}

const attachmentOf = (record: RecordJson): Happening => ({
  kind: 'file',
  at: text(record.CreatedDate),
  who: nameIn(record.CreatedBy),
  title: text(record.Name),
  body: sizeOf(record.BodyLength),
  badge: record.IsPrivate === true ? 'Internal' : undefined,
  href: `/servlet/servlet.FileDownload?file=${text(record.Id)}`,
});

function sizeOf(bytes: unknown): string {
  const size = typeof bytes === 'number' ? bytes : 0;
  return size < 1024 ? `${String(size)} bytes` : size < 1024 ** 2 ? `${String(Math.round(size / 1024))} KB` : `${(size / 1024 ** 2).toFixed(1)} MB`;
} // prettier-ignore

/** What is planned with a record and what was done: tasks, calls and meetings. */
export async function readActivity(ctx: Context, recordId: string, by: 'AccountId' | 'WhatId' | 'WhoId') {
  const condition = `WHERE ${by} = ${literal(recordId)}`;
  const [tasks, events] = await Promise.all([
    runQuery(ctx, `SELECT Id, Subject, Description, Status, ActivityDate, CreatedDate, CompletedDateTime, TaskSubtype, IsClosed, Owner.Name FROM Task ${condition} ORDER BY ActivityDate DESC NULLS LAST LIMIT 14`),
    runQuery(ctx, `SELECT Id, Subject, Description, Location, StartDateTime, Owner.Name FROM Event ${condition} ORDER BY StartDateTime DESC LIMIT 8`),
  ]);
  const now = ctx.org.clock.now().toISOString();
  const all = [...tasks.records.map(taskOf), ...events.records.map((record) => eventOf(record, now))];
  return {
    upcoming: newestFirst(all.filter(({ isDone }) => !isDone).map(({ happening }) => happening)).reverse(),
    past: newestFirst(all.filter(({ isDone }) => isDone).map(({ happening }) => happening)),
  };
} // prettier-ignore

function taskOf(record: RecordJson): { isDone: boolean; happening: Happening } {
  const subtype = text(record.TaskSubtype);
  const happening: Happening = {
    kind: subtype === 'Call' ? 'call' : subtype === 'Email' ? 'email' : 'task',
    at: text(record.CompletedDateTime) || text(record.ActivityDate) || text(record.CreatedDate),
    who: nameIn(record.Owner),
    title: text(record.Subject),
    body: text(record.Description),
    badge: undefined,
    href: undefined,
  };
  return { isDone: record.IsClosed === true, happening };
}

function eventOf(record: RecordJson, now: string): { isDone: boolean; happening: Happening } {
  const at = text(record.StartDateTime);
  const happening: Happening = {
    kind: 'event',
    at,
    who: nameIn(record.Owner),
    title: text(record.Subject),
    body: text(record.Location),
    badge: undefined,
    href: undefined,
  };
  return { isDone: new Date(at) < new Date(now), happening };
}
