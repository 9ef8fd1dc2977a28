import type { AccountViewer } from '../../access/viewer.ts';
import { vapidKeys } from '../../channels/push-keys.ts';
import { keepSubscription, removeSubscription } from '../../channels/push.queries.ts';
import { now } from '../../platform/clock.ts';
import { Invalid } from '../../platform/errors.ts';
import { NotPublic, publicUrl } from '../../platform/public-web.ts';

/** The key that a browser asks its push service with. */
export const pushKey = async (): Promise<string> => (await vapidKeys()).publicKey;

/** A browser as its push service describes it. */
export interface Browser {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** Has somebody told in this browser from now on. @throws Invalid for an address that is none of a push service */
export async function subscribe(viewer: AccountViewer, browser: Browser): Promise<void> {
  try {
    publicUrl(browser.endpoint);
  } catch (error) {
    if (error instanceof NotPublic) throw new Invalid({ form: 'preferences.push.failed' });
    throw error;
  }
  await keepSubscription({ personId: viewer.personId, email: viewer.email.toLowerCase(), ...browser }, now());
}

/** Has them told no more in this browser. */
export async function unsubscribeBrowser(viewer: AccountViewer, endpoint: string): Promise<void> {
  await removeSubscription(viewer.personId, endpoint);
}
