import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/** Headers of a post of SendGrid's event webhook. */
interface HookHeaders {
  signature: string | undefined;
  /** Seconds since 1970, as SendGrid wrote them. */
  timestamp: string | undefined;
}

/** What SendGrid's kinds of events are to us; `bounce` with type `blocked` is `blocked`. */
export const sendgridKinds: Readonly<Record<string, string>> = {
  processed: 'processed',
  deferred: 'deferred',
  delivered: 'delivered',
  dropped: 'dropped',
  blocked: 'blocked',
  bounce: 'bounced',
  open: 'opened',
  click: 'clicked',
  unsubscribe: 'unsubscribed',
  group_unsubscribe: 'unsubscribed',
  group_resubscribe: 'resubscribed',
  spamreport: 'complained',
};

/**
 * Whether SendGrid posted these bytes, not longer ago than so many seconds: ECDSA over P-256 of timestamp and raw body, by the public
 * key (base64, DER) that SendGrid shows for the webhook.
 */
export function isSignedBySendgrid(
  body: Buffer,
  { signature, timestamp }: HookHeaders,
  { publicKey, toleranceSeconds, at }: { publicKey: string; toleranceSeconds: number; at: Date },
): boolean {
  if (signature === undefined || timestamp === undefined || !/^\d{9,11}$/.test(timestamp)) return false;
  if (Math.abs(at.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const key = maybeKey(publicKey);
  if (key === undefined) return false;
  return verify(
    'sha256',
    Buffer.concat([Buffer.from(timestamp), body]),
    key,
    Buffer.from(signature, 'base64'),
  );
}

const keys = new Map<string, KeyObject | undefined>();

/* Parsing a key takes longer than verifying with it. */
function maybeKey(text: string): KeyObject | undefined {
  if (!keys.has(text)) keys.set(text, parsed(text));
  return keys.get(text);
}

function parsed(text: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
