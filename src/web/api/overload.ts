import type { Request, RequestHandler, Response } from 'express';

import { config } from '../../platform/config.ts';

/** No body may be larger, in bytes. */
export const LARGEST_BODY = 512_000;

/** Bodies that arrive at once. */
const MOST_READERS = 400;
/**
 * What has arrived, waits for its turn or is worked on. A body counts with what of it has come, so that who sends slowly takes up little;
 * nobody new is let in whose body would not fit.
 */
const MOST_BYTES = 4_000_000;
/** Nobody may take longer for a body; and when room is short, who has taken this long gives theirs up. */
const LONGEST_READING_MILLISECONDS = 15_000;
const SLOW_READING_MILLISECONDS = 2_000;

/** At least a third of the connections to the database is for people. */
const MOST_AT_WORK = Math.floor((config.DATABASE_POOL * 2) / 3);
/** Each of these bytes takes some twenty of memory. */
const MOST_BYTES_AT_WORK = 300_000;
/** Whose turn has not come by then is told to try again, rather than to hope. */
const LONGEST_WAIT_MILLISECONDS = 5_000;
/** Handled without a look at what else wants to be done in this process. */
const BYTES_AT_A_STRETCH = 64_000;

interface Arriving {
  since: number;
  res: Response;
  leave: () => void;
}

/** The oldest first. */
const arriving = new Set<Arriving>();
let arrivedBytes = 0;
let bytesInHand = 0;

/**
 * Turns senders away, before their body is read, while more is in hand than memory should hold: the database is slow, or they are
 * too many. Libraries keep what they could not deliver and try again. Who sends byte by byte keeps nobody out for long.
 */
export const shed: RequestHandler = (req, res, next) => {
  const expected = expectedBytes(req);
  if (!hasRoom(expected)) giveUpSlowest();
  if (!hasRoom(expected)) {
    turnAway(res);
    return;
  }
  let bytes = 0;
  const leave = () => {
    clearTimeout(late);
    if (arriving.delete(one)) arrivedBytes -= bytes;
  };
  const one = { since: performance.now(), res, leave };
  arriving.add(one);
  const late = setTimeout(giveUp, LONGEST_READING_MILLISECONDS, one);
  req.on('data', (chunk: Buffer) => {
    if (!arriving.has(one)) return;
    bytes += chunk.length;
    arrivedBytes += chunk.length;
  });
  req.once('end', leave);
  res.once('close', leave);
  next();
};

/** A body counts with the largest size where its own is not known before it is read: without a length, or packed. */
function expectedBytes(req: Request): number {
  const length = req.get('content-encoding') === undefined ? Number(req.get('content-length')) : NaN;
  return length >= 0 && length <= LARGEST_BODY ? length : LARGEST_BODY;
}

const hasRoom = (bytes: number) =>
  arriving.size < MOST_READERS && arrivedBytes + bytesInHand + bytes <= MOST_BYTES;

function giveUpSlowest(): void {
  const [slowest] = arriving;
  if (slowest !== undefined && performance.now() - slowest.since > SLOW_READING_MILLISECONDS) giveUp(slowest);
}

function giveUp({ res, leave }: Arriving): void {
  leave();
  res.once('close', () => res.req.destroy());
  res
    .status(408)
    .set('Connection', 'close')
    .json({ success: false, error: 'The body took too long to arrive.' });
}

function turnAway(res: Response): void {
  res
    .status(503)
    .set({ 'Retry-After': '3', Connection: 'close' })
    .json({ success: false, error: 'There is too much to do right now. Try again in a few seconds.' });
}

/** Has a body that was read wait for its turn: pages of people come between. Turns it away where too many wait already. */
export const inTurn: RequestHandler = (req, res, next) => {
  const bytes = Buffer.isBuffer(req.body) ? req.body.length : 0;
  if (bytesInHand + bytes > MOST_BYTES) {
    turnAway(res);
    return;
  }
  const one: Waiting = { bytes, begin: next, hasBegun: false };
  bytesInHand += bytes;
  waiting.push(one);
  const late = setTimeout(() => {
    if (!one.hasBegun) turnAway(res);
  }, LONGEST_WAIT_MILLISECONDS);
  res.once('close', () => {
    clearTimeout(late);
    bytesInHand -= bytes;
    if (one.hasBegun) ended(bytes);
    else waiting.splice(waiting.indexOf(one), 1);
    beginNext();
  });
  beginNext();
};

interface Waiting {
  bytes: number;
  begin: () => void;
  hasBegun: boolean;
}

const waiting: Waiting[] = [];
let atWork = { requests: 0, bytes: 0 };
let stretch = 0;
/** When somebody at work ended, or began where nobody was. */
let movedAt = 0;

function ended(bytes: number): void {
  atWork = { requests: atWork.requests - 1, bytes: atWork.bytes - bytes };
  movedAt = performance.now();
}

/** The database takes nothing: whoever would begin now would hang, too. */
const isStalled = () => atWork.requests > 0 && performance.now() - movedAt > LONGEST_WAIT_MILLISECONDS;

/** In the order of arrival, as far as there is room; after each stretch whatever else is ready goes first. */
function beginNext(): void {
  const [one] = waiting;
  if (one === undefined || stretch >= BYTES_AT_A_STRETCH || atWork.requests >= MOST_AT_WORK) return;
  if (isStalled() || (atWork.requests > 0 && atWork.bytes + one.bytes > MOST_BYTES_AT_WORK)) return;
  if (atWork.requests === 0) movedAt = performance.now();
  waiting.shift();
  one.hasBegun = true;
  atWork = { requests: atWork.requests + 1, bytes: atWork.bytes + one.bytes };
  if (stretch === 0) setImmediate(endStretch);
  stretch += one.bytes;
  one.begin();
  beginNext();
}

function endStretch(): void {
  stretch = 0;
  beginNext();
}
