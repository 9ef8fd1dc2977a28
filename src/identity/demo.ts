import { beforeLinking, linkContacts } from '../access/memberships.ts';
import { config } from '../platform/config.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';

import { hashPassword } from './passwords.ts';
import { demoCandidates, insertDemoPerson } from './demo.queries.ts';
import { savePassword } from './queries.ts';

const DEMO_PASSWORD = 'rapport-demo';

/** The people who can try every room in sandbox mode: contacts and users of the demo org. */
const demoPeople = ['customer', 'distributor', 'reseller', 'support', 'csm', 'rep', 'admin'].map((name) => ({
  name,
  email: `${name}@rapport.example`,
}));
const demoEmails = demoPeople.map(({ email }) => email);

/** Who can sign in to the demo, and how; nobody outside sandbox mode. */
export function demoHint(): { people: typeof demoPeople; password: string } | undefined {
  return config.isSandbox ? { people: demoPeople, password: DEMO_PASSWORD } : undefined;
}

/**
 * Makes the demo's people as soon as the mirror knows them, in sandbox mode only; elsewhere their rows, should any
 * remain, let nobody in. Repeating it changes nothing.
 */
export async function makeDemoPeople(): Promise<void> {
  if (!config.isSandbox) return;
  const candidates = await demoCandidates(demoEmails);
  if (candidates.every(({ isComplete }) => isComplete)) return;
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  await transaction(async (tx) => {
    await beforeLinking(tx);
    for (const { email, name, timeZone, userId, contactId, hasPassword } of candidates.filter(
      (one) => !one.isComplete,
    )) {
      const personId = await insertDemoPerson(tx, { email, name, timeZone, userId, at: now() });
      if (!hasPassword) await savePassword(tx, personId, passwordHash, now());
      if (contactId !== null) await linkContacts(tx, [{ personId, contactId, email }]);
    }
  });
}

/** Whether those of the demo can sign in by now, for the start's summary. */
export async function isDemoReady(): Promise<boolean> {
  const candidates = await demoCandidates(demoEmails);
  return candidates.length === demoEmails.length && candidates.every(({ isComplete }) => isComplete);
}
