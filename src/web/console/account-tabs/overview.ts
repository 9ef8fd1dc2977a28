import { relativesOf } from '../../../accounts/accounts.ts';
import { topics, timelineOf } from '../../../portfolio/timeline.ts';

import { spokenReason } from './spoken.ts';
import type { AccountTab } from './tab.ts';
import { told } from './told.ts';

const SHOWN = 12;

/** The account at a glance: why it is ranked as it is, what happened of late, and what is known of it. */
export const overviewTab: AccountTab = {
  name: 'overview',
  load: async ({ viewer, account }) => {
    const [{ entries }, relatives] = await Promise.all([
      timelineOf(viewer, account.id, { topics, limit: SHOWN }),
      relativesOf(viewer, account.id),
    ]);
    return {
      entries: entries.map(told),
      relatives,
      sentence: spokenReason,
      websiteUrl: webAddress(account.website),
    };
  },
};

/** Salesforce keeps web sites as people typed them; only http and https become a link. */
function webAddress(typed: string | null): string | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(typed ?? '') ? (typed ?? '') : `https://${typed ?? ''}`);
  return url && /^https?:$/.test(url.protocol) && url.hostname.includes('.') ? url.href : undefined;
}
