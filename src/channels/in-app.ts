import { DAY, now } from '../platform/clock.ts';

import type { Answer, Channel, OutgoingBatch, Unsettled } from './channel.ts';
import * as queries from './in-app.queries.ts';
import { contentFor } from './text-content.ts';

/** How long a message waits for its person to come. */
const WAITS = 30 * DAY;

/**
 * Messages in the product itself: they wait here until the person comes, and the sensor shows them. The provider is our own database, so a batch that is
 * written twice is written once.
 */
export const inApp: Channel = {
  name: 'in_app',
  supports: new Set(['subject', 'text', 'buttons', 'tracked-links']),
  batchSize: 1_000,
  needsOwnRequest: () => false,
  post,
  ask,
};

/** How a message comes: what somebody has to know in the middle of the page, what helps them at its side, what advertises above it. */
export type Layout = 'modal' | 'slide-in' | 'banner';
const layouts: Readonly<Record<string, Layout>> = { transactional: 'modal', success: 'slide-in' };

async function post({ runId, message, categories, recipients }: OutgoingBatch): Promise<Answer> {
  const layout = layouts[categories[1] ?? ''] ?? 'banner';
  const made = recipients.map(({ n, address, values }) => ({
    n,
    address,
    shown: shownOf(message, values, layout),
  }));
  const messages = made.flatMap(({ n, address, shown }) =>
    shown === undefined ? [] : [{ n, address, shown }],
  );
  const at = now();
  try {
    await queries.keepMessages(runId, messages, { at, until: new Date(at.getTime() + WAITS) });
  } catch (error) {
    return { kind: 'doubt', reason: String(error).slice(0, 300) };
  }
  return {
    kind: 'divided',
    rows: made.map(({ n, shown }) =>
      shown === undefined ? { n, kind: 'refused', reason: 'too_large' } : { n, kind: 'accepted' },
    ),
  };
}

function shownOf(
  message: OutgoingBatch['message'],
  values: Readonly<Record<string, string>>,
  layout: Layout,
) {
  const content = contentFor(message, values);
  if (content === undefined) return undefined;
  return { layout, ...content };
}

async function ask({ runId, rows }: Unsettled): Promise<Answer> {
  const kept = await queries.selectKept(runId, rows.map(({ n }) => n)); // prettier-ignore
  return { kind: 'divided', rows: kept.map((n) => ({ n, kind: 'accepted' })) };
}
