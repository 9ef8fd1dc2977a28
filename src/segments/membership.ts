import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import type { Catalog } from '../rules/fields.ts';
import { explain, type Explanation } from '../rules/explain.ts';
import { type Labels, labelsOf } from '../rules/labels.ts';

import { wholeCatalog } from './catalog.ts';
import { selectOne } from './members.queries.ts';
import { type Segment, segmentSeenBy } from './segments.ts';

/** Why somebody is in a list, or is not: each part of its rule as it holds at this moment. */
export interface MembershipExplained {
  name: string;
  accountId: string;
  accountName: string;
  /** When they entered; null: they are not in the list. */
  enteredAt: Date | null;
  explanation: Explanation;
  catalog: Catalog;
  labels: Labels;
}

/**
 * Holds an account or a person against a list's rule. The list itself follows within seconds, so for a moment both may differ.
 * @throws NotFound
 */
export async function explainMembership(
  viewer: Viewer,
  segment: Segment,
  entityId: string,
): Promise<MembershipExplained> {
  const { id, entity, rule } = await segmentSeenBy(viewer, segment.id);
  const catalog = await wholeCatalog();
  const today = now().toISOString().slice(0, 10);
  const [explanation, one, labels] = await Promise.all([
    explain(rule, entityId, { entity, catalog, today }, forStaff(viewer)),
    selectOne({ id, entity }, entityId),
    labelsOf([rule], catalog),
  ]);
  return { ...one, explanation, catalog, labels };
}
