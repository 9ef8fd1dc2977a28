import { forStaff, type Viewer } from '../access/viewer.ts';

import * as queries from './account-cases.queries.ts';

/** A case as staff see it in the console: in Salesforce's own words. */
export interface AccountCase {
  id: string;
  /** Missing until Salesforce has the case. */
  salesforceId: string | null;
  number: string | null;
  subject: string;
  status: string;
  priority: string | null;
  isClosed: boolean;
  contactName: string | null;
  ownerName: string | null;
  createdAt: Date;
  closedAt: Date | null;
}

/** An account's cases: the open ones first, each kind newest first; at most 100, with how many there are. */
export async function accountCases(
  viewer: Viewer,
  accountId: string,
): Promise<{ cases: AccountCase[]; open: number; closed: number }> {
  return await queries.selectAccountCases(forStaff(viewer), accountId);
}
