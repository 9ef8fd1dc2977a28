import { alone, transaction, type Tx } from '../db.ts';
import { record } from '../events.ts';
import { log } from '../log.ts';

import { featureOfWrite, shedFeatures, spending } from './budget.ts';
import { type Feature, features } from './budget-rules.ts';
import { claim, type Claimed, fail, markDelivered, putBack, reviveInterrupted } from './claims.ts';
import { deliver, isPassing, type Knowledge, type Outcome, requestsOf } from './deliver.ts';
import { toFailure } from './errors.ts';

/** What capabilities do with their own rows, in the transaction that notes a delivery, by object. */
export type Deliveries = Readonly<
  Record<string, (tx: Tx, delivered: { rapportId: string | null; salesforceId: string }[]) => Promise<void>>
>;

export interface Outbox extends Knowledge {
  deliveries: Deliveries;
}

/** A row that Salesforce puts off this often (a lasting lock, a broken trigger) is shown to a person. */
const MOST_ATTEMPTS = 12;

/** What an outage of any length leaves on a row's count. */
const LINE_ATTEMPTS = 5;

/**
 * Sends what waits in the outbox until nothing is due, as the only one who does so in all processes.
 * @returns how many rows were delivered; undefined when another process is at it.
 * @throws SalesforceFailure when Salesforce cannot be reached; everything stays in the outbox then.
 */
export async function drain(outbox: Outbox, stopping: AbortSignal): Promise<number | undefined> {
  return await alone('outbox', async () => {
    await reviveInterrupted();
    let delivered = 0;
    while (!stopping.aborted) {
      const rows = await claim(await shedFeatures());
      if (rows.length === 0) break;
      delivered += await sendAll(rows, outbox);
    }
    return delivered;
  });
}

async function sendAll(rows: readonly Claimed[], outbox: Outbox): Promise<number> {
  const requests = requestsOf(rows, outbox);
  let delivered = 0;
  for (const [i, request] of requests.entries()) {
    try {
      delivered += await sendOne(request, outbox);
    } catch (error) {
      const unsent = requests.slice(i + 1).flat();
      await putBack(
        unsent,
        { code: 'UNREACHABLE', message: 'Salesforce could not be reached.', attempts: LINE_ATTEMPTS },
        soon,
      );
      throw error;
    }
  }
  return delivered;
}

/** What a request counts as: the most urgent of what is in it. */
function featureOf(request: readonly Claimed[], { content }: Outbox): Feature {
  if (request.some(({ sobject }) => sobject in content)) return 'files';
  const among = new Set(request.map(({ feature }) => featureOfWrite(feature)));
  return features.find((feature) => among.has(feature)) ?? 'accounts';
}

/** A request that is refused as a whole is taken apart, so that one bad record does not hold up the others. */
async function sendOne(request: readonly Claimed[], outbox: Outbox): Promise<number> {
  let outcomes: Outcome[];
  try {
    outcomes = await spending(featureOf(request, outbox), () => deliver(request, outbox));
  } catch (error) {
    const failure = toFailure(error);
    const [only] = request;
    if (failure.kind === 'terminal' && request.length > 1) {
      let delivered = 0;
      for (const row of request) delivered += await sendOne([row], outbox);
      return delivered;
    }
    if (failure.code === 'INTERNAL')
      log.error({ err: error, sobject: only?.sobject }, 'a record could not be sent');
    if (failure.kind === 'terminal' && only) outcomes = [{ row: only, failure }];
    else {
      const { code, message, isAmbiguous } = failure;
      await putBack(request, { code, message, isAmbiguous, attempts: LINE_ATTEMPTS }, soon);
      throw failure;
    }
  }
  return await settle(outcomes, outbox);
}

async function settle(outcomes: readonly Outcome[], { deliveries }: Outbox): Promise<number> {
  const taken = outcomes.flatMap((outcome) => ('salesforceId' in outcome ? [outcome] : []));
  const sobject = taken[0]?.row.sobject;
  if (sobject !== undefined) {
    const rows = taken.map(({ row, salesforceId }) => ({ rapportId: row.rapportId, salesforceId }));
    await transaction(async (tx) => {
      await markDelivered(
        tx,
        taken.map(({ row, salesforceId }) => ({ id: row.id, salesforceId })),
      );
      await deliveries[sobject]?.(tx, rows);
      await record(tx, 'outbox.delivered', { sobject, rows });
    });
  }
  for (const outcome of outcomes) if ('failure' in outcome) await refuse(outcome);
  return taken.length;
}

async function refuse({ row, failure }: Extract<Outcome, { failure: unknown }>): Promise<void> {
  if (isPassing(failure) && row.attempts < MOST_ATTEMPTS) {
    await putBack(
      [row],
      { code: failure.code, message: failure.message, isAmbiguous: failure.isAmbiguous },
      later,
    );
    return;
  }
  log.warn({ sobject: row.sobject, outbox: row.id, code: failure.code }, 'Salesforce refused a record');
  await fail(row, failure);
}

/** Seconds until the line is tried again: people wait for it, and one request is enough to find out. */
const soon = (row: Claimed): number => Math.min(10, 1 + row.attempts) * (0.5 + Math.random());

/** Seconds until a locked row is tried again, spread so that rivals don't meet again. */
const later = (row: Claimed): number => Math.min(300, 0.5 * 2 ** row.attempts) * (0.5 + Math.random());
