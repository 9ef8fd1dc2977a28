import request from 'supertest';
import { expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { makeAdmin } from '../../src/identity/admin.ts';
import { signedIn } from '../support/people.ts';

test('the first administrator is made from the command line and sets a password by the link', async () => {
  const app = createApp();
  const { path } = await makeAdmin(' First.Admin@Tidewater.example ');
  const password = 'the first one of all';
  expect((await request(app).post(path).type('form').send({ password })).status).toBe(303);
  const browser = await signedIn(app, { email: 'first.admin@tidewater.example' }, password);
  expect((await browser.get('/console/sign-ups')).status).toBe(200);
});
