import fc from 'fast-check';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { serve } from '../../src/platform/http/serve.ts';
import { routes } from '../../src/routes.ts';
import type { Route } from '../../src/web/guards.ts';
import { givenCustomer, givenStaff, sessionCookieOf } from '../support/people.ts';

/* F15: FUZZ_CASES=1000 for the whole of it; a few of each belong to every run. */
const numRuns = Number(process.env.FUZZ_CASES ?? 4);

/* Each request on a connection of its own: a kept one may end at the very moment that it is used again. */
const dispatcher = new Agent({ pipelining: 0 });

const app = createApp();
let server: Awaited<ReturnType<typeof serve>>;
let url: string;
const people = new Map<string, { email: string }>();
const cookies = new Map<string, string>();

beforeAll(async () => {
  server = await serve(app, 0);
  url = `http://127.0.0.1:${String(server.port)}`;
  people.set('customer', await givenCustomer());
  people.set('partner', await givenCustomer({ type: 'Reseller' }));
  people.set('admin', await givenStaff({ roles: ['admin', 'support', 'csm', 'rep'] }));
});

afterAll(async () => {
  await dispatcher.close();
  await server.close();
});

/* The one of the cast who gets furthest: what is behind the guard is to be tried, too. */
const whoFor = ({ rule }: Route) =>
  ['customer', 'admin', 'partner'].find((who) => rule.audience.some((each) => each === who)) ?? 'visitor';

/** The session of that person, begun anew after a form was taken: it may have ended it. */
async function cookieOf(who: string): Promise<string> {
  const person = people.get(who);
  if (person === undefined) return '';
  const cookie = cookies.get(who) ?? (await sessionCookieOf(app, person));
  cookies.set(who, cookie);
  return cookie;
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '', ' ', '0', '-1', '1e309', '9'.repeat(400), 'NaN', 'null', '\0', 'a\0b', '\r\nSet-Cookie: a=b', "' or 1=1 --", '\\', '%', '_', '%00', '%E0%A4',
    '../../../etc/passwd', '//evil.example', 'https://evil.example', 'javascript:alert(1)', '<script>alert(1)</script>', '{{constructor}}', '${7*7}', '<%= 1 %>',
    '__proto__', 'constructor', '\ud800', '😀'.repeat(300), 'x'.repeat(70_000), '2026-02-31', '00000000-0000-0000-0000-000000000000', '001000000000000AAA',
  ), // prettier-ignore
);

const fieldName = fc.oneof(
  fc.constantFrom(
    'id', 'email', 'password', 'newPassword', 'currentPassword', 'name', 'code', 'token', 'next', 'accountId', 'locale', 'timeZone', 'subject', 'description',
    'priority', 'product', 'text', 'files', 'q', 'page', 'sort', 'status', 'columns', 'columns[]', 'format', 'draftId', 'contactId', 'state', 'error', 'error_description',
    '__proto__', 'constructor', 'toString', 'a[b][c]', 'hasOwnProperty',
  ), // prettier-ignore
  fc.string({ maxLength: 12 }),
);

const fields = fc.array(fc.tuple(fieldName, nasty), { maxLength: 8 });

const body = fc.oneof(
  fields.map((pairs) => ({
    type: 'application/x-www-form-urlencoded',
    data: new URLSearchParams(pairs).toString(),
  })),
  fc
    .uint8Array({ maxLength: 300 })
    .map((data) => ({ type: 'application/x-www-form-urlencoded', data: Buffer.from(data) })),
  fc.jsonValue({ maxDepth: 6 }).map((value) => ({ type: 'application/json', data: JSON.stringify(value) })),
  fc.constant({ type: 'application/json', data: '['.repeat(20_000) }),
  fields.map((pairs) => ({ type: 'multipart/form-data; boundary=b', data: multipart(pairs) })),
  fc
    .uint8Array({ maxLength: 300 })
    .map((data) => ({ type: 'multipart/form-data; boundary=b', data: Buffer.from(data) })),
  fc.constant({ type: 'multipart/form-data', data: 'no boundary' }),
  fc.constant({ type: 'text/plain', data: 'x' }),
);

const multipart = (pairs: [string, string][]) =>
  pairs
    .map(
      ([name, value], i) =>
        `--b\r\nContent-Disposition: form-data; name="${name}"${i % 2 === 0 ? '' : '; filename="a.txt"'}\r\n\r\n${value}\r\n`,
    )
    .join('') + '--b--\r\n';

const address = (path: string, values: string[], query: [string, string][]) => {
  const filled = path.replaceAll(
    /:\w+/g,
    () => encodeURIComponent((values.shift() ?? 'x').toWellFormed().slice(0, 500)) || 'x',
  );
  return `${url}${filled}?${new URLSearchParams(query).toString().slice(0, 4000)}`;
};

const trace = /\n\s+at \S+ \(|node_modules|\.ts:\d+/;

describe('whatever is sent', () => {
  test.each(routes.map((route) => ({ name: `${route.method} ${route.path}`, route })))(
    '$name never fails and tells nothing of its inside',
    async ({ route }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(nasty, { minLength: 3, maxLength: 3 }),
          fields,
          body,
          fc.boolean(),
          async (values, query, { type, data }, isGerman) => {
            const who = whoFor(route);
            const cookie = await cookieOf(who);
            const path =
              isGerman && !/^\/(console|healthz|readyz|metrics)/.test(route.path)
                ? `/de${route.path}`
                : route.path;
            const answer = await fetch(address(path, [...values], query), {
              dispatcher,
              method: route.method.toUpperCase(),
              headers: {
                cookie,
                'sec-fetch-site': 'same-origin',
                ...(route.method === 'post' ? { 'content-type': type } : {}),
              },
              ...(route.method === 'post' ? { body: data } : {}),
              redirect: 'manual',
              signal: AbortSignal.timeout(15_000),
            });
            const text = await answer.text();
            if (route.method === 'post' && answer.status < 400) cookies.delete(who);
            expect(answer.status, text.slice(0, 500)).toBeLessThan(500);
            expect(text).not.toMatch(trace);
            expect(answer.headers.get('location') ?? '/').toMatch(
              /^(\/(?!\/)|http:\/\/127\.0\.0\.1:\d+\/services\/oauth2)/,
            );
            expect(answer.headers.get('set-cookie') ?? '').not.toMatch(/(^|, )a=b/);
          },
        ),
        { numRuns },
      );
    },
  );
});
