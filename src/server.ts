import { createApp } from './app.ts';
import { config } from './platform/config.ts';
import { pool } from './platform/db.ts';
import { serve } from './platform/http/serve.ts';
import { log } from './platform/log.ts';
import { stopOnSignal } from './platform/process.ts';

const server = await serve(createApp(), config.PORT);
log.info({ port: server.port, url: config.publicUrl }, 'web is listening');
process.send?.('ready');

stopOnSignal('web', async () => {
  await server.close();
  await pool.end();
});
