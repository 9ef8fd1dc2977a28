import { alone, transaction, type Tx } from '../../db.ts';
import { record } from '../../events.ts';
import { log } from '../../log.ts';

import { featureOfWrite, shedFeatures, spending } from '../budget/budget.ts';
import { type Feature, features } from '../budget/budget-rules.ts';
import { claim, type Claimed, markDelivered, putBack, reviveInterrupted } from './claims.ts';
import { contest, giveUp, type GivenUp, overtake, settleDecided } from './conflicts.ts';
import { deliver, type Knowledge, type Owned, requestsOf } from './deliver.ts';
import type { Contested, Outcome, Taken } from './deliver-outcomes.ts';
import { refuseAll } from './drain-refusals.ts';
import { classOf, pauseAfter } from '../wire/error-classes.ts';
import { type SalesforceFailure, toFailure } from '../wire/errors.ts';
import { fieldOwners } from './merge-owners.ts';

/** What capabilities do with their own rows, in the transaction that notes a delivery, by object. */
export type Deliveries = Readonly<
  Record<string, (tx: Tx, delivered: { rapportId: string | null; salesforceId: string }[]) => Promise<void>>
>;

export interface Outbox extends Knowledge {
  deliveries: Deliveries;
}

type OwnedOutbox = Outbox & Owned;

/** What an outage of any length leaves on a row's count. */
const LINE_ATTEMPTS = 5;

const LONGEST_WAIT = 10;

/** Seconds that Salesforce may go on with a request that we gave up waiting for: what it creates cannot be found before. */
const STILL_UNDER_WAY = 90;

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
      await settleYielded(rows);
      delivered += await sendAll(rows.filter(saysSomething), {
        ...outbox,
        ownerOf: await fieldOwners(outbox.mappings),
      });
    }
    return delivered;
  });
}

const saysSomething = ({ fields, operation }: Claimed): boolean =>
  operation === 'create' || Object.keys(fields).length > 0;

/** Rows of which Salesforce's values were chosen throughout have nothing left to say. */
async function settleYielded(rows: readonly Claimed[]): Promise<void> {
  const ids = rows.filter((row) => !saysSomething(row)).map(({ id }) => id);
  if (ids.length === 0) return;
  await transaction(async (tx) => {
    await giveUp(tx, ids, 'SALESFORCE_KEPT');
    await settleDecided(tx, ids);
  });
}

async function sendAll(rows: readonly Claimed[], outbox: OwnedOutbox): Promise<number> {
  const requests = requestsOf(rows, outbox);
  let delivered = 0;
  for (const [i, request] of requests.entries()) {
    try {
      delivered += await sendOne(request, outbox);
    } catch (error) {
      const unsent = requests.slice(i + 1).flat();
      const { code, message } = toFailure(error);
      await putBack(unsent, { code, message, attempts: LINE_ATTEMPTS }, soon(toFailure(error)));
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
async function sendOne(request: readonly Claimed[], outbox: OwnedOutbox): Promise<number> {
  try {
    const outcomes = await spending(featureOf(request, outbox), () => deliver(request, outbox));
    return await settle(outcomes, outbox);
  } catch (error) {
    return await refusedWhole(request, toFailure(error), outbox);
  }
}

async function refusedWhole(
  request: readonly Claimed[],
  failure: SalesforceFailure,
  outbox: OwnedOutbox,
): Promise<number> {
  const [only, ...others] = request;
  if (failure.code === 'INTERNAL')
    log.error({ err: failure.cause, sobject: only?.sobject }, 'a record could not be sent');
  const isOfRows = failure.kind === 'terminal' || failure.kind === 'conflict';
  if (isOfRows && others.length > 0) {
    let delivered = 0;
    for (const row of request) delivered += await sendOne([row], outbox);
    return delivered;
  }
  if (isOfRows && only) return await settle([{ row: only, failure }], outbox);
  const { code, message, isAmbiguous } = failure;
  await putBack(request, { code, message, isAmbiguous, attempts: LINE_ATTEMPTS }, soon(failure));
  throw failure;
}

async function settle(outcomes: readonly Outcome[], { deliveries }: Outbox): Promise<number> {
  const taken = outcomes.filter(
    (outcome): outcome is Taken => 'salesforceId' in outcome && !('conflicts' in outcome),
  );
  if (taken.length > 0) await transaction((tx) => noteTaken(tx, taken, deliveries));
  for (const outcome of outcomes)
    if ('conflicts' in outcome) await transaction((tx) => noteContested(tx, outcome));
  await refuseAll(outcomes.filter((outcome) => 'failure' in outcome));
  return taken.length;
}

async function noteTaken(tx: Tx, taken: readonly Taken[], deliveries: Deliveries): Promise<void> {
  const sobject = taken[0]?.row.sobject ?? '';
  const rows = taken.map(({ row, salesforceId }) => ({
    rapportId: row.rapportId,
    salesforceId,
    outboxId: row.id,
  }));
  await markDelivered(
    tx,
    taken.map(({ row, ...rest }) => ({ id: row.id, ...rest })),
  );
  await deliveries[sobject]?.(tx, rows);
  await settleDecided(
    tx,
    taken.map(({ row }) => row.id),
  );
  await noteGivenUp(
    tx,
    await overtake(
      tx,
      taken.map(({ row }) => row.id),
    ),
  );
  await record(tx, 'outbox.delivered', { sobject, rows });
}

async function noteContested(tx: Tx, contested: Contested): Promise<void> {
  await noteGivenUp(tx, await contest(tx, contested));
}

async function noteGivenUp(tx: Tx, rows: GivenUp[]): Promise<void> {
  if (rows.length > 0) await record(tx, 'outbox.discarded', { rows });
}

/** Seconds until the line is tried again: people wait for it, and one request is enough to find out. A spent budget takes longer. */
function soon({ code, message, kind, isAmbiguous }: SalesforceFailure): (row: Claimed) => number {
  const name = classOf(code, message);
  const longest = kind === 'quota' ? Infinity : LONGEST_WAIT;
  const isUnderWay = isAmbiguous && /_TIMEOUT\b/.test(message);
  return (row) =>
    (isUnderWay && row.operation === 'create' ? STILL_UNDER_WAY : 0.25) +
    Math.min(longest, pauseAfter(name === 'request' ? 'busy' : name, row.attempts));
}
