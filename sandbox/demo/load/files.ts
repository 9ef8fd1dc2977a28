import type pg from 'pg';

import { BLOB_PIECE } from '../../salesforce/files/blobs.ts';
import { copyLines } from './copy.ts';

/** Contents of files waiting to be loaded. */
export interface FileLoader {
  /** @throws RangeError for a file of more than one piece: the demo's are small. */
  add: (recordId: string, bytes: Buffer) => void;
  flush: () => Promise<void>;
}

/** Loads contents of files where the org keeps them. */
export function createFileLoader(client: pg.ClientBase): FileLoader {
  let waiting: string[] = [];
  return {
    add(recordId, bytes) {
      if (bytes.length > BLOB_PIECE) throw new RangeError(`${recordId} has ${String(bytes.length)} bytes`);
      waiting.push(`${recordId}\t0\t\\\\x${bytes.toString('hex')}`);
    },
    async flush() {
      const lines = waiting;
      waiting = [];
      if (lines.length > 0) await copyLines(client, '_blob', ['id', 'position', 'bytes'], lines);
    },
  };
}
