import { expect, test } from 'vitest';

import { hashPassword, isPassword, requireGoodPassword } from '../../src/identity/passwords.ts';

const refusal = (password: string) => {
  try {
    requireGoodPassword(password);
    return undefined;
  } catch (error) {
    return (error as { fields: Record<string, string> }).fields.password;
  }
};

test.each([
  'password',
  'Passw0rd!',
  'p@ssw0rd123',
  'QWERTZUIOP',
  '12345678',
  '87654321',
  'abcdefgh',
  'zzzzzzzz',
  'abababab',
  'Sommer2026',
  'letmein!!',
  '123iloveyou',
  'tidewater1',
  'TidewaterSoftware',
  'контрольконтроль'.slice(0, 4).repeat(2),
])('v5.0.0-6.2.4 v5.0.0-6.2.11 %s is refused as too common', (password) => {
  expect(refusal(password)).toBe('errors.passwordCommon');
});

test.each([
  'correct horse battery',
  'Zebrafink am Teich',
  '海を渡る風は静かだ',
  'kR7#vw2!pQ',
  'aaaaaaab tree',
  '        x x',
])('v5.0.0-6.2.5 %s is taken, whatever it is made of', (password) => {
  expect(refusal(password)).toBeUndefined();
});

test('v5.0.0-6.2.1 v5.0.0-6.2.9 length is counted in characters, 8 to 128', () => {
  expect(refusal('🦜🌵🎈🧭🎻🛶🧶')).toBe('errors.passwordShort');
  expect(refusal('🦜🌵🎈🧭🎻🛶🧶🪁')).toBeUndefined();
  expect(refusal('abcd efg '.repeat(14) + 'xy')).toBeUndefined();
  expect(refusal('abcd efg '.repeat(14) + 'xyz')).toBe('errors.passwordLong');
});

test('a password typed on a keyboard that composes letters differently is the same', async () => {
  const hash = await hashPassword('Z\u00fcrich am Abend');
  expect(await isPassword(hash, 'Zu\u0308rich am Abend')).toBe(true);
  expect(await isPassword(hash, 'Zurich am Abend')).toBe(false);
});

test('nobody’s password is right, not even the one that is compared in its place', async () => {
  expect(await isPassword(undefined, 'nobody has this password')).toBe(false);
});
