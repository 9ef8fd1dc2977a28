import jsforce from 'jsforce';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';
import { controlOf, select, unselect } from './support.ts';

import type { Connection } from 'jsforce';

/* Change Data Capture as jsforce's own, unmodified streaming client sees it. */

interface Change {
  schema: string;
  payload: { ChangeEventHeader: Header } & Record<string, unknown>;
  event: { replayId: number };
}

interface Header {
  entityName: string;
  changeType: string;
  changedFields: string[];
  changeOrigin: string;
  commitUser: string;
  sequenceNumber: number;
  transactionKey: string;
  commitNumber: number;
  commitTimestamp: number;
  recordIds: string[];
}

let sandbox: RunningSandbox;
let conn: Connection;
let tell: ReturnType<typeof controlOf>;
let heard: Change[];
let client: jsforce.StreamingExtension extends never ? never : ReturnType<Connection['streaming']['createClient']>;

beforeAll(async () => {
  sandbox = await startSandbox();
  tell = controlOf(sandbox);
  conn = await sandbox.connect();
  await select(conn, 'Account', 'Contact');
  client = conn.streaming.createClient();
  heard = [];
  await client.subscribe('/data/ChangeEvents', (message: Change) => heard.push(message));
});

afterAll(async () => {
  await client.disconnect();
  await sandbox.close();
});

beforeEach(() => {
  heard.length = 0;
});

const headers = () => heard.map(({ payload }) => payload.ChangeEventHeader);
const hear = (count: number) => vi.waitFor(() => expect(heard.length).toBe(count), { timeout: 5_000 });

test('a created record is told with its values and who made it', async () => {
  const { id } = await conn.sobject('Account').create({ Name: 'Northgate', BillingCity: 'Leeds', NumberOfEmployees: 12 });
  await hear(1);
  expect(heard[0]).toMatchObject({
    schema: expect.stringMatching(/^[\w-]{22}$/) as string,
    payload: { Name: 'Northgate', BillingAddress: { City: 'Leeds' }, NumberOfEmployees: 12, OwnerId: expect.stringMatching(/^005/) as string },
    event: { replayId: expect.any(Number) as number },
  });
  expect(headers()[0]).toMatchObject({ entityName: 'Account', changeType: 'CREATE', changedFields: [], recordIds: [id], sequenceNumber: 1 });
  expect(headers()[0]?.changeOrigin).toBe('com/salesforce/api/rest/60.0;client=');
  expect(heard[0]?.payload.LastModifiedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(Object.keys(heard[0]?.payload ?? {})).not.toContain('SystemModstamp');
});
