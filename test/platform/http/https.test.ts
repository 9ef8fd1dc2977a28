import request from 'supertest';
import { expect, test } from 'vitest';

process.env.PUBLIC_URL = 'https://support.tidewater.example';
process.env.TRUSTED_PROXIES = '1';
const { createApp } = await import('../../../src/app.ts');

const app = createApp();

test('a portal on https says so for a year, and asks for nothing without it', async () => {
  const { headers } = await request(app).get('/').set('x-forwarded-proto', 'https').expect(200);
  expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  expect(headers['content-security-policy']).toContain('upgrade-insecure-requests');
});

test('whoever comes without https is led to the same page with it; probes of the machine are answered', async () => {
  const plain = (path: string) => request(app).get(path).set('x-forwarded-proto', 'http');
  const answer = await plain('/de/sign-in?next=%2Fportal').expect(308);
  expect(answer.headers.location).toBe('https://support.tidewater.example/de/sign-in?next=%2Fportal');
  await plain('/healthz').expect(200);
});
