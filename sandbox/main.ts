/** The sandbox as a process: `node sandbox/main.ts`. Settings: DATABASE_URL, SANDBOX_PORT (default 3001). */
import { createSandbox } from './app.ts';
import { serverOf } from './server.ts';

const { DATABASE_URL: databaseUrl, SANDBOX_PORT: port = '3001' } = process.env;
if (databaseUrl === undefined)
  throw new Error('DATABASE_URL is not set: the sandbox keeps its org in PostgreSQL');

const sandbox = await createSandbox({ databaseUrl });
const server = serverOf(sandbox.app).listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(
    `${JSON.stringify({ message: 'sandbox is listening', url: `http://127.0.0.1:${port}` })}\n`,
  );
  process.send?.('ready');
});

function stop(): void {
  server.close(() => void sandbox.close().then(() => process.exit(0)));
  server.closeIdleConnections();
  setTimeout(() => { server.closeAllConnections(); }, 5_000).unref(); // prettier-ignore
}

process.once('disconnect', stop);
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
