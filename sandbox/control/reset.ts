import { removeSpool } from '../salesforce/bulk/spool.ts';
import { prepareSchema } from '../salesforce/schema/storage.ts';
import { prepareEdges } from './tables.ts';

import type { Org } from '../salesforce/context.ts';

/** Makes the org as it was on its first day: no records, no deployed schema, no sessions, no mail, an empty log. */
export async function resetOrg(org: Org): Promise<void> {
  await org.pool.query('drop schema sandbox cascade');
  const fresh = await prepareSchema(org.pool, org.clock);
  await prepareEdges(org.pool);
  for (const { name } of org.catalog.objects()) org.catalog.remove(name, org.clock.now());
  for (const sobject of fresh.objects()) org.catalog.put(sobject, org.clock.now());
  await org.security.reload();
  await org.rules.reload();
  await org.events.reload();
  await removeSpool(org);
  org.limits.dailyUsed = 0;
}
