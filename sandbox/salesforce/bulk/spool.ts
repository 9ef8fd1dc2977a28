import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Org } from '../context.ts';

/**
 * Where CSV waits between a job and its client: files of this machine, one folder for each database. They outlive the process,
 * so that a client goes on paging after a restart; a job whose file is gone counts as expired.
 */
export function spoolPath(org: Org, jobId: string): string {
  return join(spoolFolder(org), `${jobId}.csv`);
}

function spoolFolder(org: Org): string {
  const {
    host = '',
    port = 0,
    database = '',
  } = org.pool.options as { host?: string; port?: number; database?: string };
  const key = org.pool.options.connectionString ?? `${host}:${String(port)}/${database}`;
  return join(tmpdir(), `rapport-sandbox-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`);
}

/** Makes the folder; call it before a file is written. */
export async function prepareSpool(org: Org): Promise<void> {
  await mkdir(spoolFolder(org), { recursive: true, mode: 0o700 });
}

/** Whether the file of a job is there, and how many bytes it has. */
export async function maybeSpoolSize(org: Org, jobId: string): Promise<number | undefined> {
  return stat(spoolPath(org, jobId)).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** Reads the file of a job from one byte up to another, exclusive. */
export function readSpool(
  org: Org,
  jobId: string,
  { start = 0, end }: { start?: number; end?: number } = {},
) {
  return createReadStream(spoolPath(org, jobId), {
    start,
    ...(end === undefined ? {} : { end: end - 1 }),
    highWaterMark: 256 * 1024,
  });
}

/** Removes the file of a job. */
export async function removeSpooled(org: Org, jobId: string): Promise<void> {
  await rm(spoolPath(org, jobId), { force: true });
}

/** Removes the files of all jobs of the org. */
export async function removeSpool(org: Org): Promise<void> {
  await rm(spoolFolder(org), { recursive: true, force: true });
}
