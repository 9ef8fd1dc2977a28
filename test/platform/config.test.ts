import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { parseConfig } from '../../src/platform/config.ts';

const DATABASE_URL = 'postgres://localhost/rapport';

test('every wrong setting is named in one message', () => {
  expect(() => parseConfig({ DATABASE_URL: 'mysql://x', PORT: 'many', BRAND_COLOR: 'blue' })).toThrow(
    /DATABASE_URL[^]*PORT|PORT[^]*DATABASE_URL/,
  );
  expect(() => parseConfig({ DATABASE_URL, PORT: 'many', BRAND_COLOR: 'blue' })).toThrow(
    /BRAND_COLOR: needs a colour/,
  );
});

test('production names every missing setting and takes no default for them', () => {
  expect(() => parseConfig({ DATABASE_URL, PORT: 'many' })).toThrow(/PORT: (?!is missing)/);
  expect(() => parseConfig({ NODE_ENV: 'production', DATABASE_URL })).toThrow(
    /PUBLIC_URL[^]*SESSION_SECRET[^]*ENCRYPTION_KEY[^]*SALESFORCE_LOGIN_URL[^]*SENDGRID_API_KEY/,
  );
});

test('production is on https', () => {
  const at = (PUBLIC_URL: string) => () => parseConfig({ NODE_ENV: 'production', DATABASE_URL, PUBLIC_URL });
  expect(at('http://support.tidewater.example')).toThrow(/PUBLIC_URL: needs https/);
  expect(at('https://support.tidewater.example')).not.toThrow(/PUBLIC_URL/);
  expect(at('http://localhost:3000')).not.toThrow(/PUBLIC_URL/);
});

test('without a Salesforce org the sandbox plays it; with one it does not', () => {
  expect(parseConfig({ DATABASE_URL }).isSandbox).toBe(true);
  const org = {
    SALESFORCE_LOGIN_URL: 'https://example.my.salesforce.com',
    SALESFORCE_CLIENT_ID: 'id',
    SALESFORCE_CLIENT_SECRET: 'secret',
  };
  expect(parseConfig({ DATABASE_URL, ...org }).isSandbox).toBe(false);
});

test('a Salesforce org needs a secret, or a key with its user', () => {
  const org = {
    DATABASE_URL,
    SALESFORCE_LOGIN_URL: 'https://example.my.salesforce.com',
    SALESFORCE_CLIENT_ID: 'id',
  };
  expect(() => parseConfig(org)).toThrow(/SALESFORCE_CLIENT_SECRET or SALESFORCE_PRIVATE_KEY/);
  expect(() => parseConfig({ ...org, SALESFORCE_PRIVATE_KEY: 'pem' })).toThrow(/SALESFORCE_USERNAME/);
});

test('Kafka’s brokers are addresses with ports, and its user has a password', () => {
  expect(parseConfig({ DATABASE_URL }).KAFKA_BROKERS).toBeUndefined();
  const brokers = (KAFKA_BROKERS: string) => parseConfig({ DATABASE_URL, KAFKA_BROKERS }).KAFKA_BROKERS;
  expect(brokers('kafka-1.example:9092, [::1]:9093')).toEqual(['kafka-1.example:9092', '[::1]:9093']);
  for (const wrong of ['kafka-1', 'http://kafka-1:9092', 'kafka-1:9092,', 'kafka 1:9092'])
    expect(() => brokers(wrong), wrong).toThrow(/KAFKA_BROKERS: needs addresses/);
  expect(() => parseConfig({ DATABASE_URL, KAFKA_USERNAME: 'rapport' })).toThrow(/KAFKA_PASSWORD/);
});

test('an empty setting counts as unset', () => {
  expect(parseConfig({ DATABASE_URL, PORT: '', PUBLIC_URL: '' }).publicUrl).toBe('http://localhost:3000');
});

/* Refused outside tests. */
const ofTestsAlone = ['FAULT'];

test('.env.example names every setting that is read', () => {
  const named = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  const source = readFileSync('src/platform/config.ts', 'utf8');
  const read = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name);
  expect(named).toEqual(expect.arrayContaining(read.filter((name) => !ofTestsAlone.includes(name ?? ''))));
});
