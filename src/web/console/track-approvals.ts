import type { Request, Response } from 'express';

import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import {
  decideTrackApproval, requestTrackApproval, type TrackApproval, trackApprovals, withdrawTrackApproval,
} from '../../tracks/approvals.ts'; // prettier-ignore
import { trackChecks } from '../../tracks/checks.ts';
import type { TrackProblem } from '../../tracks/problems.ts';
import type { TrackDefinition } from '../../tracks/definition.ts';
import type { ShownTrack } from '../../tracks/tracks.ts';
import { type DryRun, dryRun } from '../../tracks/dry-run.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { deciding } from './approval-decisions.ts';
import { draftOf } from './track-draft-form.ts';
import { type Flow, flowOf } from './track-flow.ts';
import { aTrack, editors, page, trackPage, unlessConflict } from './track-page.ts';
import { changesBetween, topicNames } from './track-summary.ts';
import { namesFor, placeTold } from './track-told.ts';

/** Nobody is sent along a way that a second person has not approved (A10). */
export const trackApprovalRoutes: Route[] = [
  route('get', `${page}/:id/approval`, staff(aTrack), showApproval),
  route('get', `${page}/:id/approval/forecast`, staff(aTrack), showForecast),
  route('get', `${page}/:id/approval/counting`, staff(aTrack), showCounting),
  route('post', `${page}/:id/approval-requests`, editors(aTrack), unlessConflict(ask)),
  route('post', `${page}/:id/withdrawals`, editors(aTrack), unlessConflict(withdraw)),
  route('post', `${page}/:id/approval-decisions`, editors(aTrack), unlessConflict(decide)),
];

async function showApproval(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { track, mayEdit } = shown;
  const [approvals, problems, topics] = await Promise.all([
    trackApprovals(viewer, track.id),
    trackChecks(viewer, track.id),
    topicNames(),
  ]);
  const waiting = approvals.find(({ decision }) => decision === null);
  const { before, after } = versionsOf(track, approvals);
  const draft = draftOf(after);
  const names = await namesFor(viewer, [draft, ...before.map(draftOf)]);
  const isOwn = waiting?.requestedBy === viewer.personId;
  const isCounting = isUncounted(waiting);
  const flow = flowOf(draft, names);
  res.render('console/tracks/approval', {
    ...shown, approvals, waiting, isCounting, isOwn, mayDecide: mayEdit && waiting !== undefined && !isCounting && !isOwn,
    state: track.next?.state ?? track.status, flow, forecast: waiting && forecastOf(waiting, flow),
    problems: problems.map((one) => ({ ...one, place: one.key && placeTold(draft, one.key), at: mendedAt(one) })),
    isFirst: before.length === 0, changes: changesBetween({ before: before[0], after }, names, topics),
  }); // prettier-ignore
}

/** What is compared: what people go through now, or was approved last, if there is one, and what is to be approved. */
function versionsOf(
  { activeDefinition, definition }: ShownTrack,
  approvals: readonly TrackApproval[],
): { before: TrackDefinition[]; after: TrackDefinition } {
  const lastApproved = approvals.find(({ decision }) => decision === 'approved');
  const before = activeDefinition ?? lastApproved?.definition;
  const waiting = approvals.find(({ decision }) => decision === null);
  return { before: before === undefined ? [] : [before], after: waiting?.definition ?? definition };
}

const isUncounted = (waiting: TrackApproval | undefined): boolean => waiting?.people === null;

/** What was counted for a request; undefined while it is not, and of those of former releases. */
function forecastOf({ people, forecast }: TrackApproval, flow: Flow) {
  if (people === null || forecast === null) return undefined;
  const { steps, skipped, asOf } = forecast;
  return {
    ...forecastShown({ entering: { count: people, skipped, sample: [] }, steps }, flow),
    asOf: new Date(asOf),
  };
}

/** As a view of it takes it. */
const forecastShown = ({ entering, steps }: Pick<DryRun, 'entering' | 'steps'>, flow: Flow) => ({
  entering,
  flow,
  reached: new Map(Object.entries(steps)),
  skipped: Object.entries(entering.skipped)
    .map(([reason, count]) => ({ reason, count }))
    .sort((one, other) => other.count - one.count),
});

/** The part of the page that says that it is counted; once it was, the page is to be loaded anew. */
async function showCounting(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { track } = await trackPage(viewer, uuidOf(req.params.id));
  const waiting = (await trackApprovals(viewer, track.id)).find(({ decision }) => decision === null);
  if (isUncounted(waiting)) res.render('console/tracks/counting-alone', { track });
  else res.status(205).end();
}

/** The page on which something that is missing is said. */
function mendedAt({ code, key }: TrackProblem): string {
  if (key !== undefined) return `edit?step=${key}`;
  const pages: Record<string, string> = { topic: 'settings', goal: 'goal', while: 'edit?step=leave' };
  return pages[code] ?? 'edit';
}

/** What it would do with those who are there now: asked for once the page is open, counting takes a while. */
async function showForecast(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { track } = await trackPage(viewer, uuidOf(req.params.id));
  const found = await dryRun(viewer, track.id);
  const draft = draftOf(track.definition);
  const flow = flowOf(draft, await namesFor(viewer, [draft]));
  res.render('console/tracks/forecast', { track, ...forecastShown(found, flow) });
}

async function ask(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await requestTrackApproval(staffViewerOf(req), id);
  flash(res, 'tracks.approval.asked');
  res.redirect(303, `${page}/${id}/approval`);
}

async function withdraw(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await withdrawTrackApproval(staffViewerOf(req), id);
  flash(res, 'tracks.approval.withdrawn');
  res.redirect(303, `${page}/${id}/approval`);
}

const settle = deciding({
  page,
  words: 'tracks.approval',
  decide: decideTrackApproval,
  show: showApproval,
});

async function decide(req: Request, res: Response): Promise<void> {
  await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  await settle(req, res, () => undefined);
}
