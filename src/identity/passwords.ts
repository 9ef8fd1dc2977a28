import { hash, verify } from '@node-rs/argon2';
import { dictionary } from '@zxcvbn-ts/language-common';

import { config } from '../platform/config.ts';
import { Invalid } from '../platform/errors.ts';

/** Argon2id, 19 MiB and two passes: about 20 ms, on a thread of its own. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Some 49,000 that were found in leaks, the most common first. */
const leaked = dictionary['passwords-common'];
const common = new Set(leaked);
/** Those that people dress up with digits, marks and disguises. */
const dressedUp = new Set(leaked.slice(0, 3_000));

const brand = config.BRAND_NAME.toLowerCase();
const ownNames = new Set([
  brand,
  brand.replaceAll(/\W/g, ''),
  ...brand.split(/\W+/).filter((word) => word.length >= 4),
]);

/** Verified when there is no such person, so that the answer takes as long. */
const nobodysHash = await hash('nobody has this password', cost);

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFC'), cost);

/** Whether that is the password; without a hash it is not, and finding out takes as long. */
export async function isPassword(
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  const matches = await verify(passwordHash ?? nobodysHash, password.normalize('NFC'));
  return matches && typeof passwordHash === 'string';
}

/**
 * Length, and not among the most common, counts; what it is made of does not (ASVS v5.0.0-6.2.1 to 6.2.5).
 * @throws Invalid naming `field`.
 */
export function requireGoodPassword(password: string, field = 'password'): void {
  const length = Array.from(password).length;
  if (length < 8) throw new Invalid({ [field]: 'errors.passwordShort' });
  if (length > 128) throw new Invalid({ [field]: 'errors.passwordLong' });
  if (isCommon(password)) throw new Invalid({ [field]: 'errors.passwordCommon' });
}

/**
 * Common passwords are refused in any case, with digits or marks around them, and in the usual disguises (p4ssw0rd); so are
 * rows of neighbours (abcdefgh), repetitions (abab…) and the company's own name (ASVS v5.0.0-6.2.4, 6.2.11).
 */
function isCommon(password: string): boolean {
  const plain = password.toLowerCase();
  const core = plain.replace(/^[\p{N}\p{P}\p{S}\s]+/u, '').replace(/[\p{N}\p{P}\p{S}\s]+$/u, '');
  const forms = [plain, core, undisguised(plain), undisguised(core)];
  return (
    common.has(plain) ||
    forms.some((form) => dressedUp.has(form) || ownNames.has(form)) ||
    /^(.{1,4}?)\1+$/s.test(plain) ||
    isRow(plain)
  );
}

const disguises: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const undisguised = (text: string) => text.replaceAll(/[013457@$!]/g, (mark) => disguises[mark] ?? mark);

/* Of keyboards that the list of leaks knows less of. */
const keyboardRows = ['qwertzuiopü', 'yxcvbnm', 'azertyuiop', 'qsdfghjklm', 'asdfghjklö'];

/** Each character is the next, or each the one before, in the alphabet or on a keyboard. */
function isRow(text: string): boolean {
  if (keyboardRows.some((row) => row.includes(text))) return true;
  const steps = Array.from(text, (letter, index) => letter.charCodeAt(0) - text.charCodeAt(index - 1)).slice(
    1,
  );
  return steps.every((step) => step === 1) || steps.every((step) => step === -1);
}
