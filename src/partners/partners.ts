import type { AccountViewer } from '../access/viewer.ts';
import { NotFound } from '../platform/errors.ts';

import { maybePartnerAccount } from './queries.ts';

/** What a partner sees of their own account, and whom they may call. */
export interface PartnerAccount {
  name: string;
  /** Distributor, Reseller or MSP, as Salesforce has it. */
  type: string | null;
  city: string | null;
  country: string | null;
  ownerName: string | null;
  ownerEmail: string | null;
  /** Open cases that this person may see. */
  openCases: number;
}

/** @throws NotFound when the account has just gone. */
export async function partnerAccount(viewer: AccountViewer): Promise<PartnerAccount> {
  const account = await maybePartnerAccount(viewer);
  if (!account) throw new NotFound();
  return account;
}
