import { once } from 'node:events';

import jsforce from 'jsforce';

import { createSandbox } from '../../sandbox/app.ts';
import { serverOf } from '../../sandbox/server.ts';
import { oauthClient, SANDBOX_PASSWORD, staff } from '../../sandbox/cast.ts';
import { removeSpool } from '../../sandbox/salesforce/bulk/spool.ts';

import { createTestDatabase } from './database.ts';

import type { AddressInfo } from 'node:net';
import type { Connection } from 'jsforce';
import type { Sandbox } from '../../sandbox/app.ts';

/** A sandbox of a test's own, listening on a free port of this machine. */
export interface RunningSandbox extends Sandbox {
  url: string;
  /** A connection signed in as the administrator by username and password. */
  connect: (username?: string) => Promise<Connection>;
}

/** Starts a sandbox on an empty database, or on the one given. End it with `close`. */
export async function startSandbox(databaseUrl?: string): Promise<RunningSandbox> {
  const sandbox = await createSandbox({
    databaseUrl: databaseUrl ?? (await createTestDatabase('empty')),
  });
  const server = serverOf(sandbox.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    ...sandbox,
    url,
    async connect(username = staff.admin.username) {
      const connection = new jsforce.Connection({ oauth2: clientAt(url), version: '60.0' });
      await connection.login(username, SANDBOX_PASSWORD);
      return connection;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await sandbox.close();
      if (databaseUrl === undefined || databaseUrl === process.env.DATABASE_URL)
        await removeSpool(sandbox.org);
    },
  };
}

/** The OAuth settings of the demo's client at a sandbox. */
export const clientAt = (url: string) => ({
  loginUrl: url,
  clientId: oauthClient.id,
  clientSecret: oauthClient.secret,
  redirectUri: 'http://127.0.0.1:3000/sign-in/salesforce/callback',
});
