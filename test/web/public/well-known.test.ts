import request from 'supertest';
import { describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';

const app = createApp();

describe('security.txt', () => {
  test('says where to report a weakness, and has not expired (RFC 9116)', async () => {
    const { text } = await request(app)
      .get('/.well-known/security.txt')
      .expect(200)
      .expect('content-type', /^text\/plain/);
    expect(text).toMatch(/^Contact: mailto:\S+@\S+$/m);
    const expires = new Date(/^Expires: (\S+)$/m.exec(text)?.[1] ?? 0).getTime();
    expect(expires).toBeGreaterThan(Date.now());
    expect(expires).toBeLessThan(Date.now() + 365 * 86_400_000);
  });
});

describe('robots.txt', () => {
  test('keeps search engines out of everyone’s own rooms', async () => {
    const { text } = await request(app).get('/robots.txt').expect(200);
    for (const path of ['/portal', '/console', '/account']) expect(text).toContain(`Disallow: ${path}\n`);
  });
});
