import type { Org } from '../context.ts';

/** Reads anew whatever of the org is held in memory and may have changed with a deployment; runs after its commit. */
export async function settle(org: Org): Promise<void> {
  await org.security.reload();
  await org.rules.reload();
  await org.events.reload();
}
