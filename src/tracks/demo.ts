import { viewerOf } from '../access/people.ts';
import type { StaffViewer } from '../access/viewer.ts';
import { config } from '../platform/config.ts';
import { alone, db } from '../platform/db.ts';
import { log } from '../platform/log.ts';

import { countTrackApproval, decideTrackApproval, requestTrackApproval } from './approvals.ts';
import { activateTrack } from './control.ts';
import * as queries from './demo.queries.ts';
import { makeTrackFromTemplate } from './lifecycle/lifecycle.ts';

/* Three tracks to look at in sandbox mode, made of lifecycle templates as people make them: two that people go through, one that waits for approval. */
const demos = [
  { code: 'LM6', until: 'active' },
  { code: 'LM17', until: 'active' },
  { code: 'LM20', until: 'asked' },
] as const;

/**
 * A reaction: makes the demo's tracks in sandbox mode once it has its campaigns and knows of use. Whoever has made a track of their own meanwhile is
 * left alone.
 */
export async function makeDemoTracks(): Promise<void> {
  if (!config.isSandbox || !(await queries.isReadyForTracks(db))) return;
  await alone('demo tracks', async () => {
    const [author, approver] = [await staffOf('csm'), await staffOf('admin')];
    if (author === undefined || approver === undefined || !(await queries.isReadyForTracks(db))) return;
    for (const demo of demos) await make(demo, author, approver);
    log.info({ tracks: demos.length }, 'the demo has its tracks');
  });
}

async function make(
  { code, until }: (typeof demos)[number],
  author: StaffViewer,
  approver: StaffViewer,
): Promise<void> {
  const id = await makeTrackFromTemplate(author, code, {});
  const approvalId = await requestTrackApproval(author, id);
  await countTrackApproval({ approvalId });
  if (until === 'asked') return;
  await decideTrackApproval(approver, id, { approvalId, decision: 'approved', comment: '' });
  await activateTrack(author, id);
}

async function staffOf(name: 'csm' | 'admin'): Promise<StaffViewer | undefined> {
  const personId = await queries.selectDemoPerson(db, `${name}@rapport.example`);
  const viewer = personId === undefined ? undefined : await viewerOf({ personId, isStrong: true });
  return viewer?.kind === 'staff' && viewer.roles.includes(name) ? viewer : undefined;
}
