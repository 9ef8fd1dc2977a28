import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';

/** Above so many open connections, those that wait for nothing are closed; above the most that there may be, no more are taken. */
const MANY_CONNECTIONS = 2_000;
const MOST_CONNECTIONS = 12_000;
/** Files and connections that are not a client's: the database's, pages, uploads. */
const OTHER_FILES = 500;

/** Serves on that port until `close`, which lets the requests in hand finish and takes no more. */
export async function serve(
  app: RequestListener,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer({ connectionsCheckingInterval: 2_000 }, app);
  server.headersTimeout = 10_000;
  server.requestTimeout = 300_000; // several large files over a slow line
  server.keepAliveTimeout = 65_000;
  limitConnections(server, Math.min(MOST_CONNECTIONS, openFiles() - OTHER_FILES));
  server.listen(port);
  await once(server, 'listening');
  return { port: portOf(server), close: () => closed(server) };
}

/** Whoever keeps connections open and asks nothing must not keep out those who ask. A client opens a closed one again by itself. */
function limitConnections(server: Server, most: number): void {
  server.maxConnections = most;
  let open = 0;
  let lookedAt = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => (open -= 1));
    if (open <= Math.min(MANY_CONNECTIONS, most / 2) || performance.now() - lookedAt < 100) return;
    lookedAt = performance.now();
    server.closeIdleConnections();
  });
}

/** How many files and sockets this process may hold open. */
function openFiles(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
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
