import { normalizeEmail } from '../access/people.ts';
import { config } from '../platform/config.ts';
import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';
import { Invalid } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';
import { isLocale, type Locale } from '../platform/locale.ts';
import { postMail, sendMail } from '../platform/mail.ts';

import { issueToken, takeToken, tokenSeen } from './email-tokens.ts';
import { countOne, forget, isWithin } from './limits.ts';
import { becomeStaff } from './matching.ts';
import { hashPassword, isPassword, requireGoodPassword } from './passwords.ts';
import { findOrAddPerson, maybePersonByEmail, passwordHashOf, savePassword } from './queries.ts';
import { endSessions } from './sessions.queries.ts';
import { staffUserNamed } from './staff.queries.ts';
import { noteSecurity, type Origin } from './security-events.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    begin_password_reset: { email: string; locale: Locale };
  }
}

/**
 * Takes the wish for a new password; page and timing are the same whether or not the address is known.
 * @throws TooMany for that network address.
 */
export async function requestPasswordReset(
  request: { email: string; locale: Locale },
  origin: Origin,
): Promise<void> {
  await countOne('mailsFromAddress', origin.address);
  const email = normalizeEmail(request.email);
  if (await isWithin('mailsToMailbox', email))
    await enqueue(db, 'begin_password_reset', { ...request, email }, { maxAttempts: 5 });
}

/** Mails the link to whoever is known by that address; staff of Salesforce may begin this way. Others get nothing. */
export async function beginPasswordReset({
  email,
  locale,
}: {
  email: string;
  locale: Locale;
}): Promise<void> {
  const person = (await maybePersonByEmail(email, config.isSandbox)) ?? (await newStaff(email, locale));
  if (!person) return;
  const token = await issueToken(db, { purpose: 'password-reset', email, personId: person.id });
  const to = { email, name: person.name, locale: isLocale(person.locale) ? person.locale : locale };
  await postMail({ to, template: 'password-reset', data: { path: `/password/reset/${token}` } });
}

async function newStaff(email: string, locale: Locale) {
  const user = await staffUserNamed(email);
  if (!user) return undefined;
  return await transaction(async (tx) => {
    const id = await findOrAddPerson(tx, {
      email,
      name: user.name,
      locale,
      at: now(),
      timeZone: user.timeZone ?? 'UTC',
    });
    await becomeStaff(tx, { personId: id, email });
    return { id, name: user.name, locale };
  });
}

/**
 * Sets a new password by the link in the mail. Every session of theirs ends; a second factor stays.
 * @throws LinkExpired; Invalid when the password will not do (the link stays usable).
 */
export async function resetPassword(token: string, password: string, origin: Origin): Promise<void> {
  await tokenSeen(db, 'password-reset', token);
  requireGoodPassword(password);
  const passwordHash = await hashPassword(password);
  const email = await transaction(async (tx) => {
    const taken = await takeToken(tx, 'password-reset', token);
    if (taken.personId === null) throw new Error('a link without a person');
    await savePassword(tx, taken.personId, passwordHash, now());
    await endSessions(taken.personId, { except: undefined }, tx);
    await noteSecurity('password-reset', origin, taken.personId, tx);
    await sendMail(tx, {
      to: { personId: taken.personId },
      template: 'password-changed',
      data: { path: '/password/forgot' },
    });
    return taken.email;
  });
  await forget('account', email);
}

/**
 * Changes the password of somebody signed in. Their other sessions end.
 * @throws Invalid when the present password is wrong or the new one will not do; TooMany after many wrong ones.
 */
export async function changePassword(
  { personId, email, sessionId }: { personId: string; email: string; sessionId: string },
  { current, next }: { current: string; next: string },
  origin: Origin,
): Promise<void> {
  await requirePassword({ personId, email }, current);
  requireGoodPassword(next, 'next');
  const passwordHash = await hashPassword(next);
  await transaction(async (tx) => {
    await savePassword(tx, personId, passwordHash, now());
    await endSessions(personId, { except: sessionId }, tx);
    await noteSecurity('password-changed', origin, personId, tx);
    await sendMail(tx, {
      to: { personId },
      template: 'password-changed',
      data: { path: '/password/forgot' },
    });
  });
}

/**
 * Asks for the password once more before something grave.
 * @throws Invalid naming `current`; TooMany after many wrong ones.
 */
export async function requirePassword(
  { personId, email }: { personId: string; email: string },
  password: string,
): Promise<void> {
  await countOne('account', email);
  if (!(await isPassword(await passwordHashOf(personId), password)))
    throw new Invalid({ current: 'errors.passwordWrong' });
  await forget('account', email);
}
