import { now } from '../platform/clock.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/outbox/outbox.ts';

import * as queries from './deliveries.queries.ts';
import { deliverUploads } from './uploads.queries.ts';

/** Notes what Salesforce has taken: acts are no longer shown as pending, files are served from there from now on. */
export async function noteDeliveries({ sobject, rows }: Events['outbox.delivered']): Promise<void> {
  const known = rows.flatMap(({ rapportId, ...rest }) =>
    rapportId === null ? [] : [{ rapportId, ...rest }],
  );
  if (known.length === 0) return;
  if (sobject === 'ContentVersion') await deliverUploads(known, now());
  if (sobject === 'Case') await queries.deliverActs(known, now());
}

/** Notes what Salesforce will never have: nobody waits for it any more, and its author can see what became of it. */
export async function noteDiscards({ rows }: Events['outbox.discarded']): Promise<void> {
  const given = (sobject: string) =>
    rows.flatMap((row) => (row.sobject === sobject && row.rapportId !== null ? [row.rapportId] : []));
  await queries.refuseActs(
    rows.map(({ outboxId }) => outboxId),
    now(),
  );
  await queries.refuseCases(given('Case'), now());
  await queries.refuseComments(given('CaseComment'), now());
  await queries.refuseUploads(given('ContentVersion'), now());
}
