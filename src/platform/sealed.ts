import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { config } from './config.ts';

const key = Buffer.from(hkdfSync('sha256', config.ENCRYPTION_KEY, '', 'rapport sealed values', 32));

/** Encrypts a secret for keeping in the database (AES-256-GCM under ENCRYPTION_KEY); each time looks different. */
export function seal(secret: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
}

/** Reads a sealed secret; undefined when it was sealed under another key or has been tampered with. */
export function unseal(sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
