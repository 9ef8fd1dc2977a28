import { createServer } from 'node:http';
import type { Server } from 'node:http';

import type { Express } from 'express';

/**
 * The HTTP server for the sandbox's app. It takes addresses that are too long for Salesforce, so that they are refused in
 * Salesforce's way, and lets large uploads and downloads take as long as they take.
 */
export function serverOf(app: Express): Server {
  return createServer({ maxHeaderSize: 262_144, requestTimeout: 0, keepAliveTimeout: 60_000 }, app);
}
