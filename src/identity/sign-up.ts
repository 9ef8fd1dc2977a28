import { normalizeEmail } from '../access/people.ts';
import { config } from '../platform/config.ts';
import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { isLocale, type Locale } from '../platform/locale.ts';
import { postMail } from '../platform/mail.ts';

import { issueToken, LinkExpired, takeToken, tokenSeen } from './email-tokens.ts';
import { countOne, isWithin } from './limits.ts';
import { matchNewcomer } from './matching.ts';
import { hashPassword, requireGoodPassword } from './passwords.ts';
import { findOrAddPerson, maybePersonByEmail, passwordHashOf, savePassword } from './queries.ts';
import { signUpStateOf } from './sign-ups.queries.ts';
import { noteSecurity, type Origin } from './security-events.ts';
import type { SignUpState } from './tables.ts';

/** What somebody says of themselves who wants to use the portal. */
export interface SignUpRequest {
  email: string;
  name: string;
  company: string;
  locale: Locale;
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    begin_sign_up: SignUpRequest;
  }
}

/**
 * Takes a sign-up. What follows happens in a job, so that page and timing are the same whether or not the address is
 * known. More than a few mails to one mailbox are silently left out.
 * @throws TooMany for that network address.
 */
export async function requestSignUp(request: SignUpRequest, origin: Origin): Promise<void> {
  await countOne('mailsFromAddress', origin.address);
  const email = normalizeEmail(request.email);
  if (await isWithin('mailsToMailbox', email))
    await enqueue(db, 'begin_sign_up', { ...request, email }, { maxAttempts: 5 });
}

/** Mails the link that proves the mailbox; whoever has signed up before is told so instead. */
export async function beginSignUp({ email, name, company, locale }: SignUpRequest): Promise<void> {
  const known = await maybePersonByEmail(email, config.isSandbox);
  const to = { email, name, locale };
  if (known?.passwordHash) {
    const itsLocale = isLocale(known.locale) ? known.locale : locale;
    await postMail({
      to: { email, name: known.name, locale: itsLocale },
      template: 'sign-up-known',
      data: { path: '/sign-in' },
    });
    return;
  }
  const token = await issueToken(db, { purpose: 'sign-up', email, data: { name, company, locale } });
  await postMail({ to, template: 'sign-up', data: { path: `/sign-up/confirm/${token}` } });
}

/**
 * Makes somebody a person of the portal: their mailbox is proved by the link, and only now is their account looked for.
 * @throws LinkExpired; Invalid when the password will not do (the link stays usable).
 */
export async function confirmSignUp(
  token: string,
  password: string,
  origin: Origin,
): Promise<{ personId: string; state: SignUpState }> {
  await tokenSeen(db, 'sign-up', token);
  requireGoodPassword(password);
  const passwordHash = await hashPassword(password);
  return await transaction(async (tx) => {
    const { email, data } = await takeToken(tx, 'sign-up', token);
    const { name = email, company = '', locale = 'en' } = data;
    const personId = await findOrAddPerson(tx, { email, name, locale, at: now() });
    if ((await passwordHashOf(personId, tx)) !== undefined) throw new LinkExpired();
    await savePassword(tx, personId, passwordHash, now());
    const state = await matchNewcomer(tx, { personId, email, name, company });
    await noteSecurity('signed-up', origin, personId, tx);
    return { personId, state };
  });
}

/** How far somebody's sign-up has got; undefined for those who came otherwise. */
export const signUpState = (personId: string): Promise<SignUpState | undefined> => signUpStateOf(personId);
