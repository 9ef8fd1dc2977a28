import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { accountFields } from '../accounts/fields.ts';
import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';
import { Forbidden, Invalid } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';

import * as queries from './impact.queries.ts';

/** The field of accounts in Salesforce that says what a customer gets out of the product (HE23), and what people call it. */
export interface Impact {
  field: string;
  label: string;
}

export const impact = (): Promise<Impact | undefined> => queries.maybeImpact(db);

const PREFIX = 'account.attributes.';

/** Fields that can be chosen: the org's own numbers on accounts. */
export async function impactChoices(): Promise<Impact[]> {
  const fields = await accountFields();
  return fields
    .filter(({ name, type }) => name.startsWith(PREFIX) && (type === 'number' || type === 'money'))
    .map(({ name, label }) => ({
      field: name.slice(PREFIX.length),
      label: label ?? name.slice(PREFIX.length),
    }));
}

/**
 * Has the reading `impact` taken from this field, or from none; everybody is judged anew.
 * @throws Forbidden but for administrators; Invalid for a field that accounts do not have, or that holds no numbers
 */
export async function chooseImpact(viewer: StaffViewer, field: string | null): Promise<void> {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
  const chosen = field === null ? undefined : (await impactChoices()).find((one) => one.field === field);
  if (field !== null && chosen === undefined) throw new Invalid({ field: 'healthProfiles.errors.impact' });
  await transaction(async (tx) => {
    if (chosen === undefined) await queries.forgetImpact(tx);
    else await queries.keepImpact(tx, { ...chosen, now: now() });
    await enqueue(tx, 'recompute_health', {}, { key: 'recompute_health', queue: 'health' });
  });
}
