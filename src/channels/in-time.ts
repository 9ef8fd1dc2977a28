import { Readable } from 'node:stream';

/** Nothing of a request was written: its time was over when it could have begun. */
export class TooLate extends Error {}

/**
 * A body that begins to go out by then (`performance.now()`) or not at all. A process that is stopped while it connects, and goes on when others
 * have its batch, comes by here before a byte is written. Ends with TooLate otherwise.
 */
export const inTime = (body: Buffer, deadline: number): Readable => Readable.from(beforeIt(body, deadline));

async function* beforeIt(body: Buffer, deadline: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  if (performance.now() > deadline) throw new TooLate('no time was left to post it');
  yield body;
}
