import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { type Backup, tablesOf } from './backup.ts';
import { migrate } from './migrate.ts';
import { afterRestore } from './restored.ts';

/**
 * Puts a backup in place of all that Rapport keeps in a database, all of it or, when it fails, nothing, and prepares the product to go on
 * from there. Stop it first.
 * @throws Error when the backup was taken by another release than this one
 */
export async function restore(databaseUrl: string, folder: string): Promise<Backup> {
  const backup = JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8')) as Backup;
  await migrate(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await mustBeOfThisRelease(client, backup);
    await client.query('begin');
    await client.query(`set local session_replication_role = 'replica'`);
    await client.query(`truncate ${(await tablesOf(client)).map(({ name }) => name).join(', ')}`);
    for (const table of backup.tables) await copyIn(client, table, join(folder, table.file));
    for (const { name, value, isCalled } of backup.sequences)
      await client.query('select setval($1::regclass, $2, $3)', [name, value, isCalled]);
    await client.query('commit');
  } finally {
    await client.end();
  }
  await afterRestore(databaseUrl);
  return backup;
}

async function mustBeOfThisRelease(client: pg.Client, backup: Backup): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select name from migrations order by name');
  const here = rows.map(({ name }) => name);
  if (here.join() === backup.migrations.join()) return;
  const newest = (names: string[]) => names.at(-1) ?? 'no migration';
  throw new Error(
    `The backup was taken at ${newest(backup.migrations)}, this release is at ${newest(here)}. Restore it with the release that took it.`,
  );
}

async function copyIn(
  client: pg.Client,
  { name, columns, partition }: Backup['tables'][number],
  path: string,
): Promise<void> {
  if (partition !== null)
    await client.query(
      `create table if not exists ${name} partition of ${partition.parent} ${partition.bounds}`,
    );
  const target = client.query(copyFrom(`copy ${name} (${columns.join(', ')}) from stdin`));
  await pipeline(createReadStream(path), createGunzip(), target);
}

if (import.meta.main) {
  const { config } = await import('../src/platform/config.ts');
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('Say which backup: npm run restore -- FOLDER');
  const { takenAt } = await restore(config.DATABASE_URL, folder);
  process.stdout.write(`Everything is as it was at ${takenAt}. Start Rapport again.\n`);
}
