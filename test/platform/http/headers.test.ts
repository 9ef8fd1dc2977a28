import request from 'supertest';
import { describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';

const app = createApp();

describe('the headers of a page', () => {
  test('let run only what we serve: no inline script, no inline style, no frame around it (F18)', async () => {
    const { headers } = await request(app).get('/').expect(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).not.toContain('unsafe');
    expect(policy).toMatch(/default-src 'self'/);
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]{20,}'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).toMatch(/object-src 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('carry another nonce each time', async () => {
    const nonce = async () =>
      /nonce-([^']+)/.exec(String((await request(app).get('/')).headers['content-security-policy']))?.[1];
    expect(await nonce()).not.toBe(await nonce());
  });

  test('promise https only where the portal is on https', async () => {
    const { headers } = await request(app).get('/');
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(String(headers['content-security-policy'])).not.toContain('upgrade-insecure-requests');
  });
});

describe('styles and scripts', () => {
  test('are kept for a year under an address with their hash, and compressed', async () => {
    const { text } = await request(app).get('/');
    const address = /href="(\/assets\/rapport\.css\?v=[0-9a-f]{12})"/.exec(text)?.[1] ?? '';
    const { headers } = await request(app).get(address).set('accept-encoding', 'gzip').expect(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-encoding']).toBe('gzip');
  });

  test('are asked for again without it, or with the hash of another version', async () => {
    for (const address of ['/assets/rapport.css', '/assets/rapport.css?v=000000000000'])
      expect((await request(app).get(address).expect(200)).headers['cache-control']).toBe('public, no-cache');
  });

  test('lead nowhere else on the disk', async () => {
    await request(app).get('/images/..%2f..%2fpackage.json').expect(404);
    await request(app).get('/vendor/../../package.json').expect(404);
  });
});

describe('a form of another site', () => {
  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])('is refused: %o', async (headers) => {
    await request(app)
      .post('/sign-in')
      .set(headers)
      .type('form')
      .send({ email: 'a@example.com', password: 'x' })
      .expect(403);
  });

  test.each([{ 'sec-fetch-site': 'same-origin' }, { origin: 'http://portal.example' }])(
    'ours is taken: %o',
    async (headers) => {
      const answer = await request(app)
        .post('/sign-in')
        .set({ host: 'portal.example', ...headers })
        .type('form')
        .send({});
      expect(answer.status).toBe(422);
    },
  );
});

describe('a request’s id', () => {
  test('is a proxy’s own when it is well formed, and ours otherwise', async () => {
    const idFor = async (given: string) =>
      (await request(app).get('/').set('x-request-id', given)).headers['x-request-id'];
    expect(await idFor('a1b2c3d4-e5f6')).toBe('a1b2c3d4-e5f6');
    expect(await idFor('<script>alert(1)</script>')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('an address that cannot be read', () => {
  test.each(['/%00', '/portal/cases/%E0%A4%A', '/help?q=%00'])(
    '%s is answered as the sender’s mistake',
    async (path) => {
      const answer = await request(app).get(path);
      expect([303, 400, 404]).toContain(answer.status);
    },
  );

  test('is answered in JSON to whom asks for it', async () => {
    const answer = await request(app).get('/nothing').set('accept', 'application/json').expect(404);
    expect(answer.body).toEqual({ status: 404, requestId: answer.headers['x-request-id'] });
  });
});
