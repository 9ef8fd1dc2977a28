import { type AccountViewer, forStaff, type Viewer, withinAccount } from '../access/viewer.ts';
import { DAY, now } from '../platform/clock.ts';

import * as queries from './queries.ts';

/** What an account has licensed. Dates of a calendar as YYYY-MM-DD. */
export interface License {
  id: string;
  name: string;
  product: string | null;
  edition: string | null;
  version: string | null;
  kind: string | null;
  seats: number | null;
  status: string | null;
  isTrial: boolean;
  purchasedOn: string | null;
  supportUntil: string | null;
}

/** Those with the longest support first; at most 200. */
export async function licensesOf(viewer: Viewer, accountId: string): Promise<License[]> {
  return await queries.selectLicenses(forStaff(viewer), accountId);
}

/** How a license stands: `ending` within 60 days. A license without a date of support has none to lose. */
export type Cover = 'supported' | 'ending' | 'ended' | 'trial' | 'none';

export interface OwnLicense extends License {
  cover: Cover;
}

const order: Cover[] = ['ending', 'trial', 'supported', 'none', 'ended'];

/** The licenses of the viewer's own account, what needs attention first; a partner's channel codes are none. */
export async function ownLicenses(viewer: AccountViewer): Promise<OwnLicense[]> {
  const licenses = await queries.selectLicenses(withinAccount(viewer, 'l.account_id'), viewer.accountId);
  return licenses
    .filter(({ kind, status }) => kind !== 'Channel Code' && status !== 'Replaced' && status !== 'Revoked')
    .map((license) => ({ ...license, cover: coverOf(license) }))
    .sort((a, b) => order.indexOf(a.cover) - order.indexOf(b.cover));
}

function coverOf({ isTrial, supportUntil }: License): Cover {
  if (supportUntil === null) return isTrial ? 'trial' : 'none';
  const today = now().toISOString().slice(0, 10);
  if (supportUntil < today) return 'ended';
  if (isTrial) return 'trial';
  const soon = new Date(now().getTime() + 60 * DAY).toISOString().slice(0, 10);
  return supportUntil <= soon ? 'ending' : 'supported';
}
