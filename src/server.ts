import { createApp } from './app.ts';
import { config } from './platform/config.ts';
import { pool } from './platform/db.ts';
import { serve } from './platform/http/serve.ts';
import { log } from './platform/log.ts';
import { stopOnSignal } from './platform/process.ts';

/* Many are served at once: a page that takes every processor for itself keeps all others waiting. */
pool.options.options = '-c max_parallel_workers_per_gather=0';

const server = await serve(createApp(), config.PORT);
log.info({ port: server.port, url: config.publicUrl }, 'web is listening');
process.send?.('ready');

stopOnSignal('web', async () => {
  await server.close();
  await pool.end();
});
