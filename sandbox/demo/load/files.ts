import type pg from 'pg';

/** Contents of files waiting to be loaded. */
export interface FileLoader {
  add: (recordId: string, bytes: Buffer) => void;
  flush: () => Promise<void>;
}

export function createFileLoader(client: pg.ClientBase): FileLoader {
  let waiting: [string, Buffer][] = [];
  return {
    add(recordId, bytes) {
      waiting.push([recordId, bytes]);
    },
    async flush() {
      waiting = [];
      await client.query('select 1');
    },
  };
}
