import './events.ts';

import type { RawBuilder } from 'kysely';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { sql, transaction, type Tx } from '../platform/db.ts';
import { type Events, record } from '../platform/events.ts';

import { noteDue } from './due.ts';
import { editorOf } from './editors.ts';
import * as queries from './risk.queries.ts';

/** How much an account is at risk (TG4), the gravest first. */
export const riskLevels = ['red', 'yellow', 'green'] as const;
export type RiskLevel = (typeof riskLevels)[number];

export const LONGEST_REASON = 500;

/** The level that counts for an account now, and why. */
export interface Risk {
  level: RiskLevel;
  reason: string;
  at: Date;
  /** The last day that it counts, YYYY-MM-DD; null: until somebody clears it, or the account leaves the list. */
  expiresOn: string | null;
  isByHand: boolean;
  setBy: string | null;
  /** The list whose rule it is. */
  segment: string | null;
  segmentId: string | null;
}

/** What a person says of an account's risk. */
export interface RiskMark {
  level: RiskLevel;
  reason: string;
  setBy: string;
  at: Date;
  expiresOn?: string | undefined;
}

export interface RiskChange {
  id: number;
  /** Null: none any more. */
  level: RiskLevel | null;
  previousLevel: RiskLevel | null;
  reason: string | null;
  changedBy: string | null;
  segment: string | null;
  occurredAt: Date;
}

/** While an account is in the list, it has at least this risk. */
export interface RiskRule {
  id: number;
  segmentId: string;
  segmentName: string;
  level: RiskLevel;
  reason: string;
  createdBy: string | null;
  createdAt: Date;
  /** For how many accounts it is what counts. */
  accounts: number;
}

/** An account with its risk, in a list. */
export interface AccountAtRisk extends Pick<
  Risk,
  'level' | 'reason' | 'at' | 'expiresOn' | 'isByHand' | 'setBy' | 'segment'
> {
  id: string;
  name: string;
  managerName: string | null;
}

/** The accounts that have a level, or any, the gravest first and the newest within each; at most 200. */
export async function accountsAtRisk(viewer: Viewer, level?: RiskLevel): Promise<AccountAtRisk[]> {
  return await queries.selectAtRisk(forStaff(viewer), level);
}

/** The risk of an account; undefined where nobody and no rule says anything of it. */
export async function maybeRisk(viewer: Viewer, accountId: string): Promise<Risk | undefined> {
  return await queries.selectRisk(forStaff(viewer), accountId);
}

/** The newest hundred changes of an account's risk, newest first. */
export async function riskHistory(viewer: Viewer, accountId: string): Promise<RiskChange[]> {
  return await queries.selectRiskChanges(forStaff(viewer), accountId);
}

/** How many accounts have each level. */
export async function riskCounts(viewer: Viewer): Promise<Record<RiskLevel, number>> {
  const counts = await queries.countByLevel(forStaff(viewer));
  const found = Object.fromEntries(counts.map(({ level, accounts }) => [level, accounts]));
  return { red: 0, yellow: 0, green: 0, ...found };
}

/** Says by hand how much accounts are at risk, and why. It counts before any rule until it expires or is cleared. */
export async function setRisk(
  viewer: Viewer,
  accounts: readonly string[],
  mark: Pick<RiskMark, 'level' | 'reason' | 'expiresOn'>,
): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    await queries.waitForTurn(tx);
    await queries.upsertMarks(tx, accounts, { ...mark, setBy: personId, at: now() });
    await settle(tx, listed(accounts), personId);
  });
}

/** Takes back what was said by hand: what rules say counts again. */
export async function clearRisk(viewer: Viewer, accounts: readonly string[]): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    await queries.waitForTurn(tx);
    await queries.deleteMarks(tx, accounts);
    await settle(tx, listed(accounts), personId);
  });
}

/** Takes back what was said by hand for a time that is over. A job of each day. */
export async function forgetExpiredMarks(): Promise<void> {
  await transaction(async (tx) => {
    await queries.waitForTurn(tx);
    const expired = await queries.deleteExpired(tx, now().toISOString().slice(0, 10));
    if (expired.length > 0) await settle(tx, listed(expired), null);
  });
}

/** A reaction: the risk of accounts that entered or left lists which say something about it. Running it again changes nothing. */
export async function settleRisk({ batch }: Events['segment.changed']): Promise<void> {
  await transaction(async (tx) => {
    await queries.waitForTurn(tx);
    await settle(tx, queries.touchedBy(batch), null);
  });
}

/** Settles what counts for these accounts, records what changed, and has lists look at them again. */
export async function settle(tx: Tx, accounts: RawBuilder<unknown>, by: string | null): Promise<void> {
  const changed = await queries.settle(tx, accounts, { by, now: now() });
  if (changed.changes === 0) return;
  await record(tx, 'risk.changed', changed);
  await noteDue(tx, sql`select account_id from account_risk_changes where batch = ${changed.batch}`);
}

const listed = (accounts: readonly string[]) =>
  sql`select account_id from unnest(${accounts}::text[]) as account_id`;
