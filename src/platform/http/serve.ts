import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

/** Serves on that port until `close`, which lets the requests in hand finish and takes no more. */
export async function serve(
  app: RequestListener,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer(app);
  server.headersTimeout = 15_000;
  server.requestTimeout = 300_000; // several large files over a slow line
  server.keepAliveTimeout = 65_000;
  server.listen(port);
  await once(server, 'listening');
  return { port: portOf(server), close: () => closed(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });
}
