import { forStaff, type Viewer } from '../../access/viewer.ts';

import type { CampaignStatus } from './campaigns.ts';
import * as queries from './uses.queries.ts';

/** A campaign that says a message. */
export interface MessageUse {
  messageId: string;
  id: string;
  name: string;
  status: CampaignStatus;
}

/** The campaigns that say one of these messages and are not put away. */
export async function usesOfMessages(viewer: Viewer, messageIds: readonly string[]): Promise<MessageUse[]> {
  return await queries.selectUses(forStaff(viewer), messageIds);
}
