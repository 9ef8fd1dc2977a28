import { expect, test } from 'vitest';

import { formatNumber, idOf, isId, toLongId } from '../../../sandbox/salesforce/records/ids.ts';

test('a 15-character id gets the checksum that Salesforce gives it', () => {
  expect(toLongId('001D000000IRFma')).toBe('001D000000IRFmaIAH');
  expect(toLongId('00530000009M943')).toBe('00530000009M943AAC');
});

test('an 18-character id stays what it is', () => {
  expect(toLongId('001D000000IRFmaIAH')).toBe('001D000000IRFmaIAH');
});

test('ids count upwards in base 62 behind the key prefix and sort as they were given out', () => {
  const ids = [1, 61, 62, 3843, 3844, 238_328].map((counter) => idOf('003', counter));
  expect(ids.every((id) => isId(id) && id.startsWith('0035g0') && id.length === 18)).toBe(true);
  expect([...ids].sort()).toEqual(ids);
});

test('an auto-number is padded as its display format says', () => {
  expect(formatNumber('L-{000000}', 42)).toBe('L-000042');
  expect(formatNumber('{00000000}', 1234)).toBe('00001234');
});
