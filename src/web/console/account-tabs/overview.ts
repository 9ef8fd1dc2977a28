import type { StaffViewer } from '../../../access/viewer.ts';
import { relativesOf } from '../../../accounts/accounts.ts';
import { stepSentence } from '../../../health/explain.ts';
import { explanationSeenBy } from '../../../health/explained.ts';
import { maybeHealth } from '../../../health/health.ts';
import { mayEdit } from '../../../segments/editors.ts';
import { membershipsOf } from '../../../segments/history.ts';
import { maybeRisk } from '../../../segments/risk.ts';
import { tagNames, tagsOf } from '../../../segments/tags.ts';
import { topics, timelineOf } from '../../../portfolio/timeline.ts';

import { webAddress } from './attributes.ts';
import { formats, spokenReason, t } from './spoken.ts';
import type { AccountTab } from './tab.ts';
import { told } from './told.ts';

const SHOWN = 12;

/** The account at a glance: why it is ranked as it is, what happened of late, and what is known of it. */
export const overviewTab: AccountTab = {
  name: 'overview',
  load: async ({ viewer, account }) => {
    const { id } = account;
    const [{ entries }, relatives, tags, names, risk, memberships, explanation] = await Promise.all([
      timelineOf(viewer, id, { topics, limit: SHOWN }), relativesOf(viewer, id), tagsOf(viewer, id), tagNames(viewer),
      maybeRisk(viewer, id), membershipsOf(viewer, id), explanationOf(viewer, id),
    ]); // prettier-ignore
    return {
      entries: entries.map(told),
      relatives,
      marks: { accountId: id, mayEdit: mayEdit(viewer), tags, names, risk },
      memberships,
      sentence: spokenReason,
      step: stepSentence(explanation?.nextStep, { t, formats })[0],
      websiteUrl: webAddress(account.website),
    };
  },
};

async function explanationOf(viewer: StaffViewer, accountId: string) {
  const health = await maybeHealth(viewer, accountId);
  return health && (await explanationSeenBy(viewer, health))?.explanation;
}
