import { forStaff, type Viewer } from '../access/viewer.ts';

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
