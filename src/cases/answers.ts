import { DAY, now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import { isLocale } from '../platform/locale.ts';
import { type MailData, sendMail } from '../platform/mail.ts';
import '../platform/salesforce/mirror/changes.ts';

import * as queries from './notices.queries.ts';

/** What is older than this when the sync first meets it is history, not news. */
const NEWS = 7 * DAY;

/**
 * Tells customers by mail what Support did on their cases in a batch of the sync: answered, or closed one. Once each, to the
 * case's contact in their language; never what they did themselves, nor what an initial load brought.
 */
export async function tellCustomers({ table, batch }: Events['mirror.changed']): Promise<void> {
  const at = now();
  const news = { batch, at, since: new Date(at.getTime() - NEWS) };
  await transaction(async (tx) => {
    if (table === 'case_comments') await mail(tx, 'case-answered', await queries.noteComments(tx, news));
    if (table === 'case_emails') await mail(tx, 'case-answered', await queries.noteEmails(tx, news));
    if (table === 'cases') await mail(tx, 'case-closed', await queries.noteClosings(tx, news));
  });
}

/** Takes note of what an initial load brought, so that nobody is told of it later. */
export async function passOverLoaded({ table }: Events['mirror.loaded']): Promise<void> {
  const at = now();
  await queries.noteLoaded(table, at, new Date(at.getTime() - NEWS));
}

async function mail(tx: Tx, template: string, notices: queries.Notice[]): Promise<void> {
  for (const { email, name, locale, caseId, number, subject, excerpt } of notices) {
    const data: MailData = { path: `/portal/cases/${caseId}`, number: number ?? '', subject };
    if (excerpt !== '') data.quote = shortened(excerpt);
    await sendMail(tx, { to: { email, name, locale: isLocale(locale) ? locale : 'en' }, template, data });
  }
}

/** At most 500 characters of an answer, ending with a word. */
function shortened(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= 500
    ? trimmed
    : `${trimmed
        .slice(0, 500)
        .toWellFormed()
        .replace(/\s+\S*$/u, '')} …`;
}
