import { createClock } from './clock.ts';
import { openPool } from './database.ts';
import type { Org } from './salesforce/context.ts';
import { createEvents } from './salesforce/events/events.ts';
import type { Events } from './salesforce/events/events.ts';
import { firstIds } from './salesforce/schema/first-rows.ts';
import { createRules } from './salesforce/schema/rules.ts';
import { createSecurity } from './salesforce/schema/security.ts';
import { prepareSchema } from './salesforce/schema/storage.ts';
import { createLocators } from './salesforce/soql/locators.ts';
import { noTrouble } from './salesforce/trouble.ts';

/**
 * Opens the org that lives in the schema `sandbox` of a database; creates schema, tables and the org's own rows
 * (Organization, profiles, the administrator) where they are missing. End it with `close`.
 */
export async function openOrg({ databaseUrl }: { databaseUrl: string }): Promise<Org> {
  const pool = openPool(databaseUrl);
  const clock = createClock();
  const catalog = await prepareSchema(pool, clock);
  const security = createSecurity(pool);
  await security.reload();
  const rules = createRules(pool);
  await rules.reload();
  const limits = { dailyMax: 150_000, dailyUsed: 0, hours: {} };
  const locators = createLocators(pool, clock);
  const events: Events = createEvents(databaseUrl, () => org);
  const close = async () => {
    locators.close();
    await events.close();
    await pool.end();
  };
  const org: Org = { id: firstIds.organization, pool, catalog, security, rules, clock, limits, locators, events, trouble: noTrouble, close }; // prettier-ignore
  return org;
}
