import express from 'express';

import { icon } from '../pages/icons.ts';
import { countMails, mailLines, maybeMail } from './mail.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Mail } from './mail.ts';

/** `/mailbox`: every mail as its recipient sees it; `/mailbox.json?to=` and `/mailbox/<id>.json` for programs. */
export function mailboxRoutes(org: Org): Router {
  const router = express.Router();
  router.use('/mailbox', withPolicy);
  router.get(['/mailbox', '/mailbox.json'], async (req, res) => {
    const filter = {
      to: text(req.query.to),
      search: text(req.query.search),
      before: number(req.query.before),
      limit: number(req.query.limit),
    };
    const mails = await mailLines(org.pool, filter);
    if (req.path.endsWith('.json')) res.json({ mails });
    else
      res.render('mailbox/list', {
        mails,
        filter,
        total: await countMails(org.pool),
        pageSize: filter.limit ?? 50,
        icon,
      });
  });
  router.get('/mailbox/:id.json', mailPage(org, (mail, _req, res) => {
    res.json(mail);
  })); // prettier-ignore
  router.get('/mailbox/:id', mailPage(org, (mail, _req, res) => {
    res.render('mailbox/show', { mail, icon, source: sourceOf(mail) });
  })); // prettier-ignore
  router.get('/mailbox/:id/source', mailPage(org, (mail, _req, res) => {
    res.type('text/plain; charset=utf-8').send(sourceOf(mail));
  })); // prettier-ignore
  router.get('/mailbox/:id/html', mailPage(org, sendHtml));
  router.get('/mailbox/:id/attachments/:index', mailPage(org, sendAttachment));
  return router;
}

/** The pages hold no script; a mail is shown in a frame of its own. */
function withPolicy(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'",
    'x-content-type-options': 'nosniff',
  });
  next();
}

function mailPage(org: Org, show: (mail: Mail, req: Request, res: Response) => void) {
  return async (req: Request, res: Response): Promise<void> => {
    const mail = await maybeMail(org.pool, number(req.params.id) ?? 0);
    if (mail) show(mail, req, res);
    else res.status(404).render('mailbox/missing', { icon });
  };
}

/** A mail as it would travel, with this recipient's values in it: headers, then its parts. */
function sourceOf(mail: Mail): string {
  const person = (who: { email: string; name?: string | null }) =>
    who.name ? `"${who.name.replaceAll('"', "'")}" <${who.email}>` : who.email;
  const headers = {
    Date: new Date(mail.at).toUTCString(),
    From: person(mail.from),
    To: mail.kind === 'bcc' ? 'undisclosed-recipients:;' : person(mail),
    ...(mail.replyTo ? { 'Reply-To': person(mail.replyTo) } : {}),
    Subject: mail.subject,
    'Message-ID': `<${mail.messageId}@sandbox>`,
    ...mail.headers,
    'MIME-Version': '1.0',
    'Content-Type': 'multipart/alternative; boundary="part"',
  };
  const head = Object.entries(headers).map(
    ([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/g, ' ')}`,
  );
  const parts = [
    mail.text === undefined ? '' : `--part\nContent-Type: text/plain; charset=utf-8\n\n${mail.text}\n`,
    mail.html === undefined ? '' : `--part\nContent-Type: text/html; charset=utf-8\n\n${mail.html}\n`,
  ];
  return `${head.join('\n')}\n\n${parts.join('\n')}--part--\n`;
}

/** The mail's own page, for a frame without scripts; links open beside it. */
function sendHtml(mail: Mail, _req: Request, res: Response): void {
  res
    .set(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; sandbox allow-popups allow-popups-to-escape-sandbox",
    )
    .type('html')
    .send(`<!doctype html><base target="_blank">${mail.html ?? ''}`);
}

function sendAttachment(mail: Mail, req: Request, res: Response): void {
  const attachment = mail.attachments[Number(req.params.index)];
  if (!attachment) {
    res.status(404).end();
    return;
  }
  res
    .attachment(attachment.filename)
    .set({ 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' })
    .send(Buffer.from(attachment.content, 'base64'));
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const number = (value: unknown): number | undefined =>
  /^\d{1,15}$/.test(String(value)) ? Number(value) : undefined;
