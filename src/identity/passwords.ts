import { readFileSync } from 'node:fs';

import { hash, verify } from '@node-rs/argon2';

import { Invalid } from '../platform/errors.ts';

/** Argon2id, 19 MiB and two passes: about 20 ms, on a thread of its own. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const common = new Set(readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8').split('\n'));

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

/** Common passwords are refused in any case, and with digits or marks put behind them. */
function isCommon(password: string): boolean {
  const plain = password.toLowerCase();
  return common.has(plain) || common.has(plain.replace(/[\d!?.@#$*_-]+$/, '')) || /^(.{1,4})\1+$/.test(plain);
}
