import { now } from '../platform/clock.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/outbox.ts';

import { deliverActs } from './notices.queries.ts';
import { deliverUploads } from './uploads.queries.ts';

/** Notes what Salesforce has taken: acts are no longer shown as pending, files are served from there from now on. */
export async function noteDeliveries({ sobject, rows }: Events['outbox.delivered']): Promise<void> {
  const known = rows.flatMap(({ rapportId, salesforceId }) =>
    rapportId === null ? [] : [{ rapportId, salesforceId }],
  );
  if (known.length === 0) return;
  if (sobject === 'ContentVersion') await deliverUploads(known, now());
  if (sobject === 'Case')
    await deliverActs(
      known.map(({ rapportId }) => rapportId),
      now(),
    );
}
