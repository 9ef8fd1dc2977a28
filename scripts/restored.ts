import pg from 'pg';

/**
 * Tells a database that was just restored, by whatever means, that time has passed: what waited in the outbox may have arrived in
 * Salesforce since, so it is looked for before it is sent; and every object is read again whole, since deletes may have left no trace.
 */
export async function afterRestore(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`
      update outbox set is_ambiguous = true, status = case when status = 'sending' then 'waiting' else status end
      where status in ('waiting', 'sending', 'failed', 'conflict')`);
    await client.query(`
      update sync_states set phase = 'waiting', bulk_job = null, bulk_locator = null, rows_loaded = 0, error = null
      where phase <> 'waiting'`);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

if (import.meta.main) {
  const { config } = await import('../src/platform/config.ts');
  await afterRestore(config.DATABASE_URL);
  process.stdout.write('Rapport knows that its database was restored. Start it.\n');
}
