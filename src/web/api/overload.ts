import type { RequestHandler } from 'express';

/** A body counts with this size where its own is not known before it is read: without a length, or packed. */
export const LARGEST_BODY = 512_000;
/** What is being read and written down at once, in all requests of this process. Each byte takes some twenty of memory. */
const MOST_BYTES = 4_000_000;
const MOST_REQUESTS = 400;

const inHand = { requests: 0, bytes: 0 };

/**
 * Turns senders away, before their body is read, while more is in hand than memory should hold: the database is slow, or they are
 * too many. Libraries keep what they could not deliver and try again.
 */
export const shed: RequestHandler = (req, res, next) => {
  const length = req.get('content-encoding') === undefined ? Number(req.get('content-length')) : NaN;
  const bytes = length >= 0 && length <= LARGEST_BODY ? length : LARGEST_BODY;
  if (inHand.requests >= MOST_REQUESTS || inHand.bytes + bytes > MOST_BYTES) {
    res
      .status(503)
      .set({ 'Retry-After': '3', Connection: 'close' })
      .json({ success: false, error: 'There is too much to do right now. Try again in a few seconds.' });
    return;
  }
  inHand.requests += 1;
  inHand.bytes += bytes;
  res.once('close', () => {
    inHand.requests -= 1;
    inHand.bytes -= bytes;
  });
  next();
};
