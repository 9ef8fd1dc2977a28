import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Response } from 'express';

/** Streams a body as fast as the client takes it. A client that goes away before the end is no error. */
export async function streamAnswer(res: Response, source: AsyncIterable<string | Uint8Array>): Promise<void> {
  await pipeline(Readable.from(source), res).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
