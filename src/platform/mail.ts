import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from '@sendgrid/client';
import { MailService } from '@sendgrid/mail';
import ejs from 'ejs';

import { now } from './clock.ts';
import { config } from './config.ts';
import { db, sql, type Db } from './db.ts';
import { Refused, Unavailable } from './errors.ts';
import { formatsFor } from './formats.ts';
import { enqueue } from './jobs.ts';
import { isLocale, type Locale } from './locale.ts';
import { log } from './log.ts';
import { beginOnce, forgetOnce, noteSent } from './mail-once.ts';
import { noteService } from './readiness.ts';
import { translator } from './words.ts';

/** Whom a mail is for: somebody known to us, in their own language, or a bare mailbox. */
export type Recipient = { personId: string } | { email: string; name: string; locale: Locale };

/**
 * A mail to one person. Its words are the keys `<template>.*` of locales/<locale>/mail.yml: `subject`, `text` (paragraphs,
 * divided by empty lines), and if `data.path` is given `button`, and `note` beneath. Layout: views/mail/<template>.ejs,
 * else views/mail/message.ejs. `data.quote` is shown as what somebody wrote; the rest fills the words.
 */
export interface Mail {
  to: Recipient;
  template: string;
  data?: MailData;
  /**
   * A name under which this is never sent twice by itself: when nobody can say whether SendGrid took it, it waits among the dead
   * letters for a person to decide.
   */
  once?: string;
}

export interface MailData {
  /** The page that the button leads to: a path of ours. */
  path?: string;
  quote?: string;
  /** Lists under headings, in the reader's language already; the addresses are paths of ours outside the languages. */
  sections?: MailSection[];
  [name: string]: string | number | undefined | MailSection[];
}

export interface MailSection {
  title: string;
  note?: string;
  items: { title: string; lines: string[]; path: string }[];
  more?: { text: string; path: string };
}

declare module './jobs.ts' {
  interface Jobs {
    send_mail: Mail;
  }
}

/** Has a mail sent once the transaction is committed, tried again until SendGrid takes it. Nothing secret may be in it. */
export async function sendMail(tx: Db, mail: Mail): Promise<void> {
  await enqueue(tx, 'send_mail', mail);
}

/**
 * Sends a mail now, from within a job: for those that carry a secret link, which must not lie in the queue.
 * @throws Unavailable when SendGrid does not take it; the job is then tried again
 * @throws Refused when it never will
 */
export async function postMail({ to, template, data = {}, once }: Mail): Promise<void> {
  const recipient = await maybeRecipient(to);
  if (!recipient) return;
  const message = {
    ...rendered(template, recipient, data),
    to: { email: recipient.email, name: recipient.name },
  };
  if (once !== undefined && (await isSent(once))) return;
  try {
    await sendgrid.send({
      ...message,
      from: { email: config.MAIL_FROM, name: config.BRAND_NAME },
      categories: [template],
      trackingSettings: {
        clickTracking: { enable: false, enableText: false },
        openTracking: { enable: false },
      },
    });
  } catch (error) {
    if (once !== undefined) await notSent(once, error);
    if (isAboutThisMail(error))
      throw new Refused(`SendGrid refused a mail: ${reasonOf(error)}`, { cause: error });
    await noteService('mail', false, reasonOf(error));
    throw new Unavailable('SendGrid did not take a mail', { cause: error });
  }
  if (once !== undefined) await noteSent(once, now());
  await noteService('mail', true);
  log.info({ template }, 'mail sent');
}

const inDoubt = (key: string) =>
  new Refused(`SendGrid may or may not have taken the mail ${key}; trying again sends it anew`);

/**
 * Says that a mail is about to be sent. @returns whether it has been already
 * @throws Refused when an earlier attempt ended without an answer: it stays in doubt, whoever is killed here, until a person retries it
 */
async function isSent(key: string): Promise<boolean> {
  const begun = await beginOnce(key, now());
  if (begun === 'doubt') throw inDoubt(key);
  return begun === 'sent';
}

/** An answer, or a connection that never was, says that the mail was not taken; anything else leaves a doubt. */
async function notSent(key: string, error: unknown): Promise<void> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number' && !['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(code))) throw inDoubt(key); // prettier-ignore
  await forgetOnce(key);
}

interface KnownRecipient {
  email: string;
  name: string;
  locale: Locale;
}

async function maybeRecipient(to: Recipient): Promise<KnownRecipient | undefined> {
  if ('email' in to) return to;
  const { rows } = await sql<{ email: string; name: string; locale: string }>`
    select email, name, locale from people where id = ${to.personId}`.execute(db);
  const [person] = rows;
  return person && { ...person, locale: isLocale(person.locale) ? person.locale : 'en' };
}

const views = join(import.meta.dirname, '../../views/mail');
const templates = new Map<string, ejs.TemplateFunction>();

/** Subject, HTML and plain text of a mail, in its reader's language. */
export function rendered(template: string, { name, locale }: KnownRecipient, data: MailData) {
  const words = translator(locale, 'mail');
  const values = { ...data, name, brand: config.BRAND_NAME, supportEmail: config.BRAND_SUPPORT_EMAIL };
  const t = (key: string) => words(key, values);
  const optional = (key: string) => words(key, { ...values, defaultValue: '' });
  const subject = t(`${template}.subject`).replaceAll(/\s+/g, ' ').trim();
  const locals = {
    ...formatsFor(locale, 'UTC'),
    t,
    template,
    data,
    name,
    locale,
    subject,
    brand: { name: config.BRAND_NAME, color: config.BRAND_COLOR, supportEmail: config.BRAND_SUPPORT_EMAIL },
    url: data.path === undefined ? undefined : addressOf(data.path, locale),
    publicUrl: config.publicUrl,
    paragraphs: (key: string) =>
      optional(`${template}.${key}`)
        .split(/\n\s*\n/)
        .filter((text) => text.trim() !== ''),
  };
  const html = templateOf(viewFor(template, 'ejs'))(locals);
  const text = templateOf(viewFor(template, 'text.ejs'))(locals)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return { subject, html, text };
}

/* The console speaks one language and has no address in others. */
const addressOf = (path: string, locale: Locale) =>
  `${config.publicUrl}${path.startsWith('/console') ? '' : `/${locale}`}${path}`;

function viewFor(template: string, ending: string): string {
  const own = join(views, `${template}.${ending}`);
  return existsSync(own) ? own : join(views, `message.${ending}`);
}

/* Plain text needs no escaping: a mail's text part is shown as it is. */
function templateOf(file: string): ejs.TemplateFunction {
  let template = templates.get(file);
  template ??= ejs.compile(ejs.fileLoader(file).toString(), {
    filename: file,
    ...(file.endsWith('.text.ejs')
      ? { escape: (text: string | number | undefined) => String(text ?? '') }
      : {}),
  });
  templates.set(file, template);
  return template;
}

const TIMEOUT_MILLISECONDS = 15_000;
const sendgrid = makeSendgrid();

/* Setting the key resets the address, so the address comes last. */
function makeSendgrid(): MailService {
  const client = new Client();
  client.setApiKey(config.SENDGRID_API_KEY ?? 'SG.sandbox');
  const standIn = config.SENDGRID_API_KEY === undefined ? `${config.SANDBOX_URL}/sendgrid/` : undefined;
  const baseUrl = config.SENDGRID_BASE_URL ?? standIn;
  if (baseUrl !== undefined) client.setDefaultRequest('baseUrl', baseUrl);
  client.setDefaultRequest('timeout' as never, TIMEOUT_MILLISECONDS as never);
  const service = new MailService();
  service.setClient(client);
  return service;
}

/* An address that is none, or a mail too large. A wrong key (401, 403) is a matter of the settings, and is mended there. */
const isAboutThisMail = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && [400, 413].includes(Number(error.code));

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 200);
