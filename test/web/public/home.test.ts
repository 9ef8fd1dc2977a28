import request from 'supertest';
import { describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { locales } from '../../../src/platform/locale.ts';

const app = createApp();

describe('the start page', () => {
  test('is there for everyone, and says how to get in', async () => {
    const { text } = await request(app).get('/').expect(200);
    expect(text).toContain('href="/sign-in"');
    expect(text).toContain('href="/sign-up"');
  });

  test.each(locales)('speaks %s at its own address, and its links stay in that language', async (locale) => {
    const { text } = await request(app).get(`/${locale}/`).expect(200);
    expect(text).toContain(`<html lang="${locale}"`);
    expect(text).toContain(`href="/${locale}/sign-in"`);
    for (const other of locales) expect(text).toContain(`href="/${other}/"`);
  });
});

describe('a page that does not exist', () => {
  test('is answered with 404, a way on and the number of the request', async () => {
    const { text, headers } = await request(app).get('/de/gibt-es-nicht').expect(404);
    expect(text).toContain('<html lang="de"');
    expect(text).toContain(headers['x-request-id']);
    expect(text).not.toMatch(/at \S+ \(|node_modules/);
  });
});
