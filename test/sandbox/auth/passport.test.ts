import { once } from 'node:events';

import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { oauthClient, SANDBOX_PASSWORD, staff } from '../../../sandbox/cast.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestHandler } from 'express';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let server: Server;
let portal: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  const app = express();
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  portal = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const strategy = new OAuth2Strategy(
    {
      authorizationURL: `${sandbox.url}/services/oauth2/authorize`,
      tokenURL: `${sandbox.url}/services/oauth2/token`,
      clientID: oauthClient.id,
      clientSecret: oauthClient.secret,
      callbackURL: `${portal}/callback`,
      scope: ['api', 'openid', 'id'],
      state: true,
      pkce: true,
    },
    // passport-oauth2 tells by their number which parameters the function wants.
    (
      _access: string,
      _refresh: string,
      params: { id: string },
      _profile: unknown,
      done: (error: null, user: object) => void,
      // eslint-disable-next-line max-params
    ) => {
      done(null, { id: params.id });
    },
  );
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false }));
  const authenticate = passport.authenticate(strategy, { session: false }) as RequestHandler;
  app.get('/sign-in', authenticate);
  app.get('/callback', authenticate, (req, res) => {
    res.json(req.user);
  });
});
afterAll(async () => {
  server.close();
  await sandbox.close();
});

/** A person's browser: follows redirects, keeps cookies, and fills in the first form of a page. */
function openBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const visit = async (address: string, init: RequestInit = {}): Promise<{ url: string; text: string }> => {
    const { origin } = new URL(address);
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(address, { ...init, redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split('=');
      jar.set(name, value);
    }
    const location = answer.headers.get('location');
    return location === null
      ? { url: address, text: await answer.text() }
      : visit(new URL(location, address).href);
  };
  return {
    visit,
    submit: (page: { url: string; text: string }, filled: Record<string, string>) => {
      const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? page.url;
      const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
      const body = new URLSearchParams(
        hidden.map(([, name = '', value = '']): [string, string] => [name, unescaped(value)]),
      );
      for (const [name, value] of Object.entries(filled)) body.set(name, value);
      return visit(new URL(action, page.url).href, { method: 'POST', body });
    },
  };
}

const unescaped = (text: string) =>
  text.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

test('a person signs in to an application of passport-oauth2 with PKCE, through the sign-in and consent pages', async () => {
  const browser = openBrowser();
  const signIn = await browser.visit(`${portal}/sign-in`);
  expect(signIn.text).toContain('<label for="username">Username</label>');
  const wrong = await browser.submit(signIn, { un: staff.rep.username, pw: 'wrong' });
  expect(wrong.text).toContain('role="alert"');
  const consent = await browser.submit(wrong, { un: staff.admin.username, pw: SANDBOX_PASSWORD });
  expect(consent.text).toContain('is asking to');
  const done = await browser.submit(consent, { decision: 'allow' });
  expect(done.url).toContain(`${portal}/callback?code=`);
  expect(JSON.parse(done.text)).toEqual({
    id: expect.stringMatching(new RegExp(`^${sandbox.url}/id/00D\\w{15}/005\\w{15}$`)) as string,
  });
});

test('who has agreed once is not asked again', async () => {
  const browser = openBrowser();
  const signIn = await browser.visit(`${portal}/sign-in`);
  const done = await browser.submit(signIn, { un: staff.admin.username, pw: SANDBOX_PASSWORD });
  expect(done.url).toContain(`${portal}/callback?code=`);
  const again = await browser.visit(`${portal}/sign-in`);
  expect(again.url).toContain(`${portal}/callback?code=`);
});
