import { z } from 'zod';

import { now } from '../../platform/clock.ts';
import { transaction } from '../../platform/db.ts';
import { NotFound } from '../../platform/errors.ts';
import { isLocale, type Locale } from '../../platform/locale.ts';
import { writeAll } from '../../platform/salesforce/outbox/outbox.ts';
import { translator } from '../../platform/words.ts';

import { readPreferences } from '../mailing/links.ts';
import { feedbackWrite } from '../salesforce.ts';
import * as queries from './feedback.queries.ts';

/** What may have been in the way. */
export const hindrances = ['time', 'difficult', 'missing', 'another', 'unneeded'] as const;

/** The three answers of the form behind a mail (LM7). */
export const Feedback = z.object({
  hindrance: z.enum(hindrances, 'errors.required'),
  wish: z.string().trim().max(2000).default(''),
  wantsCall: z.literal('on').optional(),
});
export type Feedback = z.infer<typeof Feedback>;

/** The language of the mail that somebody came from. @throws NotFound for a token that we did not make, or whose delivery is no more */
export async function feedbackBehind(token: string): Promise<{ locale: Locale | undefined }> {
  const delivery = await deliveryBehind(token);
  return { locale: isLocale(delivery?.locale) ? delivery.locale : undefined };
}

/**
 * Hands the answers to whoever owns the account, as a task in Salesforce: open where a call is wanted. Answers that are given again take the
 * place of the former ones; those to a test mail are not kept. @throws NotFound
 */
export async function giveFeedback(token: string, { hindrance, wish, wantsCall }: Feedback): Promise<void> {
  const delivery = await deliveryBehind(token);
  if (delivery === undefined) return;
  const { runId, n, campaign, name } = delivery;
  const answers = [t(`feedback.hindrances.${hindrance}`), ...(wish === '' ? [] : [wish])];
  await transaction((tx) =>
    writeAll(tx, [
      feedbackWrite({
        ...delivery,
        taskId: `feedback:${String(runId)}:${String(n)}`,
        subject: t('feedback.subject', { campaign }),
        description: [name, ...answers, ...(wantsCall === undefined ? [] : [t('feedback.wantsCall')])].join(
          '\n',
        ),
        isOpen: wantsCall !== undefined,
        at: now(),
      }),
    ]),
  );
}

/* Salesforce's people read it in English, as the console. */
const t = translator('en', 'console');

/** Undefined for a test mail. */
async function deliveryBehind(token: string): Promise<queries.Answering | undefined> {
  const key = readPreferences(token);
  if (key === undefined) throw new NotFound('no delivery of that token');
  if (key.runId === 0) return undefined;
  const delivery = await queries.selectAnswering(key);
  if (delivery === undefined) throw new NotFound('no delivery of that token');
  return delivery;
}
