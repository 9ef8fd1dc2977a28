import { afterAll, expect, test } from 'vitest';

import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { collect } from '../../src/usage/collect.ts';
import { refreshEngagement } from '../../src/usage/engagement.ts';
import { takeInUsage } from '../../src/usage/take-in.ts';
import { sourceOfKey } from '../../src/usage/write-keys.ts';
import { givenAccount, givenContact } from '../support/mirror.ts';

afterAll(() => pool.end());

test('an account that was used has engagement at once', async () => {
  const account = await givenAccount();
  await givenContact({ account, email: 'ana@northgate.example', name: 'Ana Ruiz' });
  const now = new Date();
  await collect(
    (await sourceOfKey('demo-write-key')) ?? 0,
    [
      { type: 'identify', userId: 'ana', traits: { email: 'Ana@northgate.example' } },
      {
        type: 'track',
        userId: 'ana',
        groupId: account.id,
        event: 'Restored',
        properties: { module: 'Restore' },
      },
      {
        type: 'track',
        userId: 'ben',
        groupId: account.id,
        event: 'Restored',
        properties: { module: 'Backup' },
      },
    ],
    { receivedAt: now, bytes: 0 },
  );
  await takeInUsage();
  await transaction((tx) => refreshEngagement(tx, 'all', now));
  const { rows } = await sql`select * from account_engagement`.execute(db);
  await transaction((tx) => refreshEngagement(tx, [account.id], now));
  expect(rows).toHaveLength(1);
});
