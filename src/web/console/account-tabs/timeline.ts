import { z } from 'zod';

import { type Place, timelineOf, type Topic, topics } from '../../../portfolio/timeline.ts';

import type { AccountTab } from './tab.ts';
import { told } from './told.ts';

const Query = z.object({
  topic: z.enum(topics).optional().catch(undefined),
  /** The place where a page begins: a moment and a key, as the link of the page before said it. */
  after: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z~.{1,120}$/)
    .optional()
    .catch(undefined)
    .transform(placeOf),
});

function placeOf(text: string | undefined): Place | undefined {
  const [moment = '', ...key] = text?.split('~') ?? [];
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? undefined : { at, key: key.join('~') };
}

/** What happened, from every part of the product, page by page (AP9, AP12). */
export const timelineTab: AccountTab = {
  name: 'timeline',
  load: async ({ viewer, account, query }) => {
    const { topic, after } = Query.parse(query);
    const wanted: readonly Topic[] = topic === undefined ? topics : [topic];
    const { entries, next } = await timelineOf(viewer, account.id, { topics: wanted, after });
    return {
      entries: entries.map(told),
      topics,
      topic,
      isFirstPage: after === undefined,
      next: next && `${next.at.toISOString()}~${next.key}`,
    };
  },
};
