import './events.ts';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Invalid, NotFound } from '../platform/errors.ts';

import { editorOf } from './editors.ts';
import { waitToChange } from './queries.ts';
import * as queries from './risk.queries.ts';
import { type RiskRule, settle } from './risk.ts';
import { leadsToRisk } from './segments.ts';

/** All rules of risk, the gravest first. */
export async function riskRules(viewer: Viewer): Promise<RiskRule[]> {
  return await queries.selectRiskRules(forStaff(viewer));
}

/**
 * Gives all accounts of a list a risk, as long as they are in it.
 * @throws Invalid for a list that has such a rule, is not a shared one of accounts, or looks at risk itself
 */
export async function addRiskRule(
  viewer: Viewer,
  rule: Pick<RiskRule, 'segmentId' | 'level' | 'reason'>,
): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    await waitToChange(tx);
    if (await leadsToRisk(tx, rule.segmentId)) throw new Invalid({ segmentId: 'risk.circle' });
    await queries.waitForTurn(tx);
    const id = await queries.insertRule(tx, rule, personId, now());
    if (id === undefined) throw new Invalid({ segmentId: 'risk.ruleExists' });
    await settle(tx, queries.membersOf(rule.segmentId), null);
  });
}

/** Ends a rule of risk; what other rules say counts then. @throws NotFound */
export async function removeRiskRule(viewer: Viewer, id: number): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    await queries.waitForTurn(tx);
    const segmentId = await queries.deleteRule(tx, id);
    if (segmentId === undefined) throw new NotFound();
    await settle(tx, queries.membersOf(segmentId), null);
  });
}
