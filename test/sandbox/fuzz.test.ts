import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../support/sandbox.ts';

import type { RunningSandbox } from '../support/sandbox.ts';

let sandbox: RunningSandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  token = (await sandbox.connect()).accessToken ?? '';
});
afterAll(() => sandbox.close());

const hostile = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '\u0000',
    '../..',
    '%',
    "'; drop table x; --",
    '<x/>',
    '{"a":1}',
    '{',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 400 }),
);
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
const named = (...names: string[]) =>
  fc.dictionary(
    fc.oneof(fc.constantFrom(...names), hostile),
    fc.oneof(hostile, fc.jsonValue({ maxDepth: 2 })),
  );
const form = (...names: string[]) =>
  fc.dictionary(fc.constantFrom(...names), hostile).map((fields) => new URLSearchParams(fields).toString());
const soap = (...operations: string[]) =>
  fc
    .tuple(fc.oneof(fc.constantFrom(...operations), fc.constantFrom('constructor', 'x')), hostile)
    .map(
      ([operation, text]) =>
        `<e:Envelope xmlns:e="x"><e:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></e:Header><e:Body><${operation}>${text}</${operation}></e:Body></e:Envelope>`,
    );

type Shot = [method: string, path: string, type: string, body: fc.Arbitrary<string>];

const urlencoded = 'application/x-www-form-urlencoded';
const data = '/services/data/v60.0';
const shots: Shot[] = [
  [
    'POST',
    '/services/oauth2/token',
    urlencoded,
    form(
      'grant_type',
      'client_id',
      'client_secret',
      'username',
      'password',
      'code',
      'assertion',
      'refresh_token',
    ),
  ],
  ['POST', '/services/oauth2/revoke', urlencoded, form('token')],
  ['POST', '/services/oauth2/introspect', urlencoded, form('token', 'client_id', 'client_secret')],
  [
    'POST',
    '/services/oauth2/authorize',
    urlencoded,
    form('client_id', 'redirect_uri', 'response_type', 'scope', 'state'),
  ],
  ['POST', '/login', urlencoded, form('un', 'pw', 'startURL')],
  ['POST', '/services/Soap/u/60.0', 'text/xml', fc.oneof(hostile, soap('login', 'logout2', 'getUserInfo'))],
  [
    'POST',
    '/services/Soap/m/60.0',
    'text/xml',
    fc.oneof(
      hostile,
      soap(
        'deploy',
        'readMetadata',
        'listMetadata',
        'retrieve',
        'checkDeployStatus',
        'upsertMetadata',
        'deleteMetadata',
      ),
    ),
  ],
  [
    'POST',
    `${data}/jobs/query`,
    'application/json',
    fc.oneof(
      hostile,
      json,
      named('query', 'operation', 'columnDelimiter', 'lineEnding').map((value) => JSON.stringify(value)),
    ),
  ],
  [
    'POST',
    `${data}/jobs/ingest`,
    'application/json',
    fc.oneof(
      hostile,
      json,
      named('object', 'operation', 'externalIdFieldName', 'lineEnding').map((value) => JSON.stringify(value)),
    ),
  ],
  ['POST', `${data}/jobs/ingest`, 'multipart/form-data; boundary=x', hostile],
  ['POST', `${data}/sobjects/ContentVersion`, 'multipart/form-data; boundary=x', hostile],
  ['POST', `${data}/metadata/deployRequest`, 'multipart/form-data; boundary=x', hostile],
  ['POST', `${data}/metadata/deployRequest`, 'application/json', fc.oneof(hostile, json)],
  [
    'POST',
    '/sendgrid/v3/mail/send',
    'application/json',
    fc.oneof(
      hostile,
      json,
      named('personalizations', 'from', 'subject', 'content', 'headers', 'attachments', 'custom_args').map(
        (value) => JSON.stringify(value),
      ),
    ),
  ],
  [
    'POST',
    '/__sandbox__/faults',
    'application/json',
    fc.oneof(
      hostile,
      named('match2', 'effect2').map((value) => JSON.stringify(value)),
    ),
  ],
  ['POST', '/__sandbox__/limits/set', 'application/json', fc.oneof(hostile, json)],
];

test.each(shots)(
  '%s %s (%s) never fails on its own, whatever it is sent',
  async (method, path, type, body) => {
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const answer = await fetch(sandbox.url + path, {
          method,
          redirect: 'manual',
          headers: {
            'content-type': type,
            authorization: path.startsWith('/sendgrid') ? 'Bearer SG.x' : `Bearer ${token}`,
          },
          body: text,
        });
        const said = await answer.text();
        expect(said).not.toMatch(/\n\s+at .*\.ts:/);
        if (answer.status >= 500) expect(said).toContain('<faultcode>');
      }),
      { numRuns: 60 },
    );
  },
);

test.each([
  '/id/',
  '/services/oauth2/authorize?client_id=',
  '/mailbox/',
  '/mailbox?search=',
  '/mailbox?before=',
  `${data}/jobs/query/`,
  `${data}/jobs/ingest/`,
  `${data}/metadata/deployRequest/`,
  `${data}/sobjects/ContentVersion/068000000000000AAA/`,
  '/secur/frontdoor.jsp?sid=',
  '/__sandbox__/log?before=',
])('GET %s… never fails on its own, whatever follows', async (path) => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const answer = await fetch(sandbox.url + path + encodeURIComponent(text.toWellFormed()), {
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${token}`,
          cookie: `sandbox_sid=${encodeURIComponent(text.toWellFormed())}`,
        },
      });
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 60 },
  );
});
