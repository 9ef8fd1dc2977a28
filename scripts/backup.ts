import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** One table in a backup; its rows are in a file of its name. */
interface BackedUp {
  /** Quoted, with its schema. */
  name: string;
  file: string;
  /** Quoted; without those that the database computes. */
  columns: string[];
  rows: number;
  /** Of which table it is a part, and which; null for a table of its own. */
  partition: { parent: string; bounds: string } | null;
}

/** What a backup holds, in `backup.json`. */
export interface Backup {
  takenAt: string;
  /** The migrations that had been applied. */
  migrations: string[];
  tables: BackedUp[];
  sequences: { name: string; value: number; isCalled: boolean }[];
}

/** What is ours: the product's tables and its queue. The sandbox's org is another system. */
const SCHEMAS = "('public', 'graphile_worker')";

/** The tables with rows, partitions one by one. */
export async function tablesOf(client: pg.Client): Promise<Omit<BackedUp, 'rows'>[]> {
  const { rows } = await client.query<Omit<BackedUp, 'rows'>>(`
    select format('%I.%I', n.nspname, c.relname) as name, n.nspname || '.' || c.relname || '.copy.gz' as file,
      array(select quote_ident(a.attname) from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
      case when c.relispartition then json_build_object('bounds', pg_get_expr(c.relpartbound, c.oid),
        'parent', (select inhparent::regclass::text from pg_inherits where inhrelid = c.oid)) end as partition
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ${SCHEMAS} and c.relkind = 'r' and c.relname not in ('migrations', 'sync_staging')
    order by n.nspname, c.relname`);
  return rows;
}

/**
 * Writes everything that Rapport keeps into a folder, as it was at one moment, while the product works. For databases to which
 * `pg_dump` is at hand that does the same; the embedded PostgreSQL comes without it.
 */
export async function backUp(databaseUrl: string, folder: string): Promise<Backup> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await mkdir(folder, { recursive: true });
    await client.query('begin transaction isolation level repeatable read read only');
    const tables: BackedUp[] = [];
    for (const table of await tablesOf(client))
      tables.push({ ...table, rows: await copyOut(client, table, join(folder, table.file)) });
    const migrations = await client.query<{ name: string }>('select name from migrations order by name');
    const backup: Backup = {
      takenAt: new Date().toISOString(),
      migrations: migrations.rows.map(({ name }) => name),
      tables,
      sequences: await sequencesOf(client),
    };
    await client.query('commit');
    await writeFile(join(folder, 'backup.json'), `${JSON.stringify(backup, undefined, 2)}\n`);
    return backup;
  } finally {
    await client.end();
  }
}

async function copyOut(
  client: pg.Client,
  { name, columns }: Omit<BackedUp, 'rows'>,
  path: string,
): Promise<number> {
  const source = client.query(copyTo(`copy ${name} (${columns.join(', ')}) to stdout`));
  await pipeline(source, createGzip({ level: 1 }), createWriteStream(path, { mode: 0o600 }));
  return source.rowCount;
}

async function sequencesOf(client: pg.Client): Promise<Backup['sequences']> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, sequencename) as name from pg_sequences where schemaname in ${SCHEMAS}`,
  );
  const sequences: Backup['sequences'] = [];
  for (const { name } of rows) {
    const state = await client.query<{ value: number; isCalled: boolean }>(
      `select last_value::float8 as value, is_called as "isCalled" from ${name}`,
    );
    sequences.push(...state.rows.map((row) => ({ name, ...row })));
  }
  return sequences;
}

if (import.meta.main) {
  const { config } = await import('../src/platform/config.ts');
  const folder = process.argv[2] ?? `backup-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const { tables } = await backUp(config.DATABASE_URL, folder);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  process.stdout.write(`${String(rows)} rows of ${String(tables.length)} tables are in ${folder}\n`);
}
