import type { Request } from 'express';

import { sourceOfKey } from '../../usage/write-keys.ts';

/** What a client of the tracking API is told, with its status. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The write key as libraries send it: user of Basic authentication, bearer token or `writeKey` in the address. */
export function keyInHeader(req: Request): string | undefined {
  const [scheme = '', value = ''] = (req.get('authorization') ?? '').split(' ');
  if (scheme.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
  if (scheme.toLowerCase() === 'bearer') return value;
  const { writeKey } = req.query;
  return typeof writeKey === 'string' ? writeKey : undefined;
}

/** @throws Refusal when the key is missing or worth nothing */
export async function sourceOf(key: string | undefined): Promise<number> {
  if (key === undefined || key === '')
    throw new Refusal(
      401,
      'A write key is missing: send it as the user of Basic authentication, or as writeKey.',
    );
  const sourceId = await sourceOfKey(key);
  if (sourceId === undefined) throw new Refusal(401, 'This write key is not known, or was revoked.');
  return sourceId;
}
