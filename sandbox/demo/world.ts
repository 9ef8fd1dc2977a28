import type { Staff } from './company/staff.ts';
import type { Range } from './company/products.ts';
import type { Ids } from './load/ids.ts';
import type { AddRow } from './load/tables.ts';
import type { PartnerNetwork } from './accounts/partners.ts';

/** What every part of the demo is made with. */
export interface World {
  seed: number;
  /** Milliseconds; everything happened before it, by at least some minutes. */
  now: number;
  add: AddRow;
  ids: Ids;
  staff: Staff;
  range: Range;
  partners: PartnerNetwork;
  /** Domains that companies have already. */
  domains: Set<string>;
  files: { add: (contentVersionId: string, bytes: Buffer) => void };
}
