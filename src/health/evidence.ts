import { forStaff, type Viewer } from '../access/viewer.ts';
import { db, type Db } from '../platform/db.ts';

import * as queries from './evidence.queries.ts';
import type { Reading } from './readings.ts';

/** A record that a reading comes from. `id` is Salesforce's where it has one, a person's of account_people for `person`. */
export interface FoundRecord {
  kind: 'case' | 'license' | 'opportunity' | 'person';
  id: string;
  label: string;
  /** The day that matters: opened, ended, decided, last active. YYYY-MM-DD. */
  on: string | null;
}

/** Everything that could be behind an account's readings. */
export interface Evidence extends FoundRecord {
  accountId: string;
  /** Of a case: urgent; of an opportunity: won. */
  marked: boolean;
}

/** How many records are named for one reading. */
const NAMED = 3;

/** The records behind the readings of one account as staff see it. */
export const evidenceSeenBy = (viewer: Viewer, accountId: string): Promise<Evidence[]> =>
  queries.selectEvidence(db, [accountId], forStaff(viewer));

/** The records behind the readings of these accounts: one statement. */
export const evidenceOf = (tx: Db, accountIds: readonly string[]): Promise<Evidence[]> =>
  queries.selectEvidence(tx, accountIds);

/** Those behind one reading of one account. */
export function evidenceFor(
  reading: Reading,
  value: number | string | null,
  evidence: readonly Evidence[],
): FoundRecord[] {
  const isBehind = behind[reading];
  if (isBehind === undefined || value === null) return [];
  return evidence
    .filter((one) => isBehind(one, value))
    .slice(0, NAMED)
    .map(({ kind, id, label, on }) => ({ kind, id, label, on }));
}

type Test = (one: Evidence, value: number | string) => boolean;
const isCase: Test = ({ kind }) => kind === 'case';
const isPerson: Test = ({ kind }) => kind === 'person';
const endsThen: Test = ({ kind, on }, value) => kind === 'license' && on === value;

const behind: Partial<Record<Reading, Test>> = {
  open_cases: isCase,
  urgent_cases: (one) => one.kind === 'case' && one.marked,
  oldest_case_on: (one, value) => one.kind === 'case' && one.on === value,
  unprepared_renewal_on: endsThen,
  lapsed_on: endsThen,
  renewal_lost_on: ({ kind, on, marked }, value) => kind === 'opportunity' && !marked && on === value,
  contract_change: ({ kind, marked }) => kind === 'opportunity' && marked,
  days_active: isPerson,
  people_active: isPerson,
};
