import { forStaff, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict, NotFound } from '../platform/errors.ts';
import { write } from '../platform/salesforce/outbox/outbox.ts';

import * as queries from './answers.queries.ts';
import { answerWrite } from './salesforce.ts';

/** What somebody says to an insight: that they saw it, acted on it, or that it was not worth telling. */
export const answers = ['seen', 'done', 'not_helpful'] as const;
export type Answer = (typeof answers)[number];

/** The longest comment, which is what the field in Salesforce takes. */
export const FEEDBACK_LENGTH = 255;

/**
 * Says to an insight what became of it, as reps do in Salesforce: its record there says the same a moment later, and the receipt at once.
 * @throws NotFound; Conflict while Salesforce does not have it yet
 */
export async function answerInsight(
  viewer: StaffViewer,
  given: { insightId: string; accountId: string; answer: Answer; feedback?: string | undefined },
): Promise<void> {
  const { insightId, accountId, answer } = given;
  const feedback = given.feedback === '' ? undefined : given.feedback;
  await transaction(async (tx) => {
    const insight = await queries.lockInsight(tx, forStaff(viewer), { insightId, accountId });
    if (!insight) throw new NotFound();
    if (insight.salesforceId === null) throw new Conflict();
    await queries.keepAnswer(tx, {
      insightId,
      answer,
      feedback: feedback ?? null,
      recordId: insight.salesforceId,
      actorId: viewer.userId,
      at: now(),
    });
    const actor = { personId: viewer.personId, name: viewer.name };
    await write(tx, answerWrite({ salesforceId: insight.salesforceId, answer, feedback, actor }));
  });
}
