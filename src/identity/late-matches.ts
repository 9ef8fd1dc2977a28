import { beforeLinking, linkContacts } from '../access/memberships.ts';
import { transaction } from '../platform/db.ts';
import { sendMail } from '../platform/mail.ts';

import { lateMatches, settleSignUps } from './sign-ups.queries.ts';

/**
 * After a batch of the sync, or a load of all contacts: whoever signed up before the mirror had a contact for them, and now has
 * exactly one, gets in.
 */
export async function admitLateMatches({ table, batch }: { table: string; batch?: number }): Promise<void> {
  if (table !== 'contacts') return;
  await transaction(async (tx) => {
    await beforeLinking(tx);
    const matches = await lateMatches(tx, batch);
    await linkContacts(tx, matches);
    await settleSignUps(
      tx,
      matches.map(({ personId }) => personId),
      { state: 'matched' },
    );
    for (const { personId } of matches)
      await sendMail(tx, { to: { personId }, template: 'sign-up-granted', data: { path: '/home' } });
  });
}
