import { forStaff, type Viewer } from '../../access/viewer.ts';
import { messageSeenBy } from '../../content/messages.ts';
import { now } from '../../platform/clock.ts';
import { transaction } from '../../platform/db.ts';

import { checkedGoal } from './checks.ts';
import { editorOf } from './editors.ts';
import { Goal } from './goals.ts';
import { taken } from './input.ts';
import * as queries from './message-goals.queries.ts';

/** What a message is for, in whatever campaign it is sent; null where nobody said. @throws NotFound */
export async function messageGoal(viewer: Viewer, messageId: string): Promise<Goal | null> {
  await messageSeenBy(viewer, messageId);
  return await queries.selectGoal(forStaff(viewer), messageId);
}

/** Names a message's goal, or takes it away. Runs that were planned before keep theirs. @throws Invalid, by field */
export async function setMessageGoal(viewer: Viewer, messageId: string, form: Goal | null): Promise<void> {
  editorOf(viewer);
  await messageSeenBy(viewer, messageId);
  const goal = form === null ? null : taken(Goal, form);
  await checkedGoal(goal);
  await transaction((tx) => queries.replaceGoal(tx, messageId, { goal, at: now() }));
}
