import { normalizeEmail } from '../access/people.ts';
import { moveMailbox } from '../access/memberships.ts';
import { db, transaction } from '../platform/db.ts';
import { Invalid } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';
import type { Locale } from '../platform/locale.ts';
import { postMail, sendMail } from '../platform/mail.ts';
import { writeAll } from '../platform/salesforce/outbox/outbox.ts';

import { issueToken, LinkExpired, retireResets, takeToken } from './email-tokens.ts';
import { countOne, isWithin } from './limits.ts';
import { requirePassword } from './password-reset.ts';
import { maybePersonByEmail } from './queries.ts';
import { contactEmailOf } from './salesforce.ts';
import { noteSecurity, type Origin } from './security-events.ts';

interface EmailChange {
  personId: string;
  name: string;
  email: string;
  locale: Locale;
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    begin_email_change: EmailChange;
  }
}

/**
 * Asks for another mailbox: the new one has to be proved first. Whether it is taken, only its owner learns.
 * @throws Invalid when the password is wrong or the address is the same.
 */
export async function requestEmailChange(
  viewer: { personId: string; name: string; email: string; locale: Locale },
  { email, current }: { email: string; current: string },
  origin: Origin,
): Promise<void> {
  await requirePassword(viewer, current);
  const wanted = normalizeEmail(email);
  if (wanted === viewer.email) throw new Invalid({ email: 'errors.emailSame' });
  await countOne('mailsFromAddress', origin.address);
  const { personId, name, locale } = viewer;
  if (await isWithin('mailsToMailbox', wanted))
    await enqueue(db, 'begin_email_change', { personId, name, locale, email: wanted });
}

/** Mails the link that proves the new mailbox, or tells its owner that it is in use already. */
export async function beginEmailChange({ personId, name, email, locale }: EmailChange): Promise<void> {
  const to = { email, name, locale };
  if (await maybePersonByEmail(email, true)) {
    await postMail({ to, template: 'email-taken', data: { path: '/sign-in' } });
    return;
  }
  const token = await issueToken(db, { purpose: 'email-change', email, personId });
  await postMail({ to, template: 'email-change', data: { path: `/email/confirm/${token}` } });
}

/**
 * Moves somebody to the mailbox that the link proves. The old one is told, and their contacts follow in Salesforce.
 * @throws LinkExpired, also when the mailbox has been taken meanwhile.
 */
export async function confirmEmailChange(token: string, origin: Origin): Promise<void> {
  await transaction(async (tx) => {
    const { email, personId } = await takeToken(tx, 'email-change', token);
    if (personId === null) throw new LinkExpired();
    const moved = await moveMailbox(tx, personId, email);
    if (!moved) throw new LinkExpired();
    await retireResets(tx, personId);
    await writeAll(
      tx,
      moved.contacts.map((contact) => contactEmailOf(contact, email, { personId, name: moved.name })),
    );
    await noteSecurity('email-changed', origin, personId, tx);
    const to = { email: moved.formerEmail, name: moved.name, locale: moved.locale };
    await sendMail(tx, {
      to,
      template: 'email-changed',
      data: { path: '/password/forgot', email: masked(email) },
    });
  });
}

/* Enough for its owner to know it by. */
const masked = (email: string) => email.replace(/^(.).*(?=@)/, '$1…');
