import webPush from 'web-push';

import { now } from '../platform/clock.ts';
import { seal, unseal } from '../platform/sealed.ts';

import * as queries from './push.queries.ts';

interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

let known: VapidKeys | undefined;

/**
 * The keys by which push services know that pushes are ours (VAPID, RFC 8292), made once for good: browsers are bound to them.
 * @throws Error when they were sealed under another ENCRYPTION_KEY
 */
export async function vapidKeys(): Promise<VapidKeys> {
  known ??= read(await queries.maybeKeys());
  if (known !== undefined) return known;
  const made = webPush.generateVAPIDKeys();
  await queries.insertKeys({ publicKey: made.publicKey, sealed: seal(made.privateKey) }, now());
  known = read(await queries.maybeKeys());
  if (known === undefined) throw new Error('the keys of web push were not kept');
  return known;
}

function read(kept: queries.Keys | undefined): VapidKeys | undefined {
  if (kept === undefined) return undefined;
  const privateKey = unseal(kept.sealed);
  if (privateKey === undefined)
    throw new Error('the keys of web push were sealed under another ENCRYPTION_KEY');
  return { publicKey: kept.publicKey, privateKey };
}
