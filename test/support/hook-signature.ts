import { generateKeyPairSync, sign } from 'node:crypto';

/* Import this before anything of src/: the product reads its settings once. */
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
process.env.SENDGRID_WEBHOOK_PUBLIC_KEY = publicKey
  .export({ type: 'spki', format: 'der' })
  .toString('base64');

/** The headers that SendGrid would post this body with. */
export function signed(body: string | Buffer, timestamp = String(Math.floor(Date.now() / 1000))) {
  return {
    'content-type': 'application/json',
    'x-twilio-email-event-webhook-timestamp': timestamp,
    'x-twilio-email-event-webhook-signature': sign(
      'sha256',
      Buffer.concat([Buffer.from(timestamp), Buffer.from(body)]),
      privateKey,
    ).toString('base64'),
  };
}
