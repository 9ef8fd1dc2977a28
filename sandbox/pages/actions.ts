import type { Request, Response } from 'express';

import { readParts } from '../salesforce/files/multipart.ts';
import { createRecords, updateRecords, type SaveResult } from '../salesforce/records/save.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { recordPath } from './paths.ts';
import { literal } from './reading.ts';
import { findRecord, renderRecord, type Found } from './record.ts';

type Typed = Record<string, string>;

/** What a form does with a record, through the same verbs as the API. */
type Act = (found: Found, typed: Typed, req: Request) => Promise<SaveResult | undefined>;

/** POST of a form on a record's page: does it and shows the page again, with what was refused if it was. */
const acting = (action: string, act: Act) => async (req: Request, res: Response): Promise<void> => {
  const found = await findRecord(req, res);
  if (!found) return;
  const typed = (req.body ?? {}) as Typed;
  const result = await act(found, typed, req);
  const problem = result?.errors.map((error) => error.message).join(' ');
  if (result && !result.success) await renderRecord(found, res.status(422), { action, typed, ...(problem && { problem }) });
  else res.redirect(303, `${recordPath(found.sobject.name, found.id)}#feed`);
}; // prettier-ignore

/** A comment on a case: one that customers read in the portal, or one among us. */
export const addComment = acting('comment', async ({ ctx, id }, typed) => {
  const comment = { ParentId: id, CommentBody: typed.body ?? '', IsPublished: typed.audience === 'public' };
  if (comment.CommentBody.trim() === '') return refused('Write something before you send it.');
  return (await createRecords(ctx, 'CaseComment', [comment]))[0];
});

/** A mail to the case's contact. */
export const sendEmail = acting('email', async ({ ctx, id }, typed) => {
  if ((typed.body ?? '').trim() === '') return refused('Write something before you send it.');
  const mail = {
    ParentId: id,
    Subject: typed.subject ?? '',
    TextBody: typed.body ?? '',
    FromName: `${ctx.user.name} (Tidewater Support)`,
    FromAddress: 'support@tidewater.example',
    ToAddress: typed.to ?? '',
    Incoming: false,
    Status: '3',
    MessageDate: ctx.org.clock.now().toISOString(),
    IsExternallyVisible: true,
  };
  return (await createRecords(ctx, 'EmailMessage', [mail]))[0];
});

/** A file on a case, for customers to see or not. */
export const attachFile = acting('file', async ({ ctx, id }, _typed, req) => {
  const { files, fields } = await readParts(req);
  const file = files.find(({ filename }) => filename !== '');
  if (!file) return refused('Choose a file first.');
  const version = { Title: file.filename.replace(/\.[^.]+$/, ''), PathOnClient: file.filename, VersionData: file.content, FirstPublishLocationId: id };
  const [saved] = await createRecords(ctx, 'ContentVersion', [version]);
  if (saved?.id !== undefined) await setVisibility({ ctx, id }, saved.id, fields.audience === 'public' ? 'AllUsers' : 'InternalUsers');
  return saved;
}); // prettier-ignore

async function setVisibility({ ctx, id }: Pick<Found, 'ctx' | 'id'>, versionId: string, Visibility: string): Promise<void> {
  const { records } = await runQuery(ctx, `SELECT ContentDocumentId FROM ContentVersion WHERE Id = ${literal(versionId)}`);
  const document = String(records[0]?.ContentDocumentId);
  const links = await runQuery(ctx, `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = ${literal(id)} AND ContentDocumentId = ${literal(document)}`);
  await updateRecords(ctx, 'ContentDocumentLink', links.records.map((link) => ({ Id: link.Id, Visibility })));
} // prettier-ignore

/** The case's next status, by one button. */
export const setStatus = acting(
  'status',
  async ({ ctx, id }, typed) =>
    (await updateRecords(ctx, 'Case', [{ Id: id, Status: typed.status ?? '' }]))[0],
);

/** The case becomes the viewer's own. */
export const takeCase = acting(
  'owner',
  async ({ ctx, id }) => (await updateRecords(ctx, 'Case', [{ Id: id, OwnerId: ctx.user.id }]))[0],
);

/** A call that was made, on the record's activity. */
export const logCall = acting('call', async ({ ctx, sobject, id }, typed) => {
  if ((typed.subject ?? '').trim() === '') return refused('Say what the call was about.');
  const isPerson = sobject.name === 'Contact' || sobject.name === 'Lead';
  const task = {
    ...(isPerson ? { WhoId: id } : { WhatId: id }),
    Subject: typed.subject ?? '',
    Description: typed.body ?? '',
    Status: 'Completed',
    TaskSubtype: 'Call',
    ActivityDate: ctx.org.clock.now().toISOString().slice(0, 10),
  };
  return (await createRecords(ctx, 'Task', [task]))[0];
});

const refused = (message: string): SaveResult => ({
  success: false,
  errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', message, fields: [] }],
});
