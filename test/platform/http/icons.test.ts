import request from 'supertest';
import { afterAll, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { pool } from '../../../src/platform/db.ts';
import { icon } from '../../../src/platform/http/icons.ts';

afterAll(() => pool.end());

test('an icon points into a file that holds it and that browsers keep', async () => {
  const [, file = '', name] = /href="([^"#]+)#([^"]+)"/.exec(icon('search')) ?? [];
  expect(name).toBe('search');
  const answer = await request(createApp()).get(file).expect(200);
  expect(answer.get('content-type')).toContain('image/svg+xml');
  expect(answer.get('cache-control')).toContain('immutable');
  expect((answer.body as Buffer).toString()).toContain('<symbol id="search"');
});

test('an icon that no view names by itself is drawn where it stands, and one that is not there is an error', () => {
  expect(icon('airplane-engines-fill')).toMatch(/^<svg [^>]*viewBox="0 0 16 16"[^>]*><path/);
  expect(() => icon('no-such-icon')).toThrow('there is no icon no-such-icon');
});
