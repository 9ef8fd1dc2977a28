import type { Request, Response } from 'express';

import type { StaffViewer } from '../../access/viewer.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { trackApprovals } from '../../tracks/approvals.ts';
import { stepFunnel } from '../../tracks/figures.ts';
import { type ShownTrack, type StepFigures, trackSeenBy } from '../../tracks/tracks.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { draftOf } from './track-draft-form.ts';
import { flowOf } from './track-flow.ts';
import { aTrack, page, trackPage } from './track-page.ts';
import { summaryOf, topicNames } from './track-summary.ts';
import { namesFor } from './track-told.ts';

/** A track at a glance: its drawing with who is where, what came of it, and what it is set to. While it is active, its figures are asked for again. */
export const trackOverviewRoutes: Route[] = [
  route('get', `${page}/:id`, staff(aTrack), showTrack),
  route('get', `${page}/:id/figures`, staff(aTrack), showFigures),
];

async function showTrack(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { track } = shown;
  const definition = track.activeDefinition ?? track.definition;
  const draft = draftOf(definition);
  const [names, figures, approvals, topics] = await Promise.all([
    namesFor(viewer, [draft, draftOf(track.definition)]),
    figuresShown(viewer, track),
    trackApprovals(viewer, track.id),
    topicNames(),
  ]);
  res.render('console/tracks/show', {
    ...shown, ...figures, approvals, flow: flowOf(draft, names), told: summaryOf(definition, names, topics),
  }); // prettier-ignore
}

/** What changes on that page while people go through the track. Where it stands otherwise than on the page, that is to be loaded anew. */
async function showFigures(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const track = await trackSeenBy(viewer, uuidOf(req.params.id));
  if (req.query.as !== standingOf(track)) res.status(205).end();
  else res.render('console/tracks/figures', await figuresShown(viewer, track));
}

const standingOf = ({ status, version }: ShownTrack): string => `${status} ${String(version)}`;

async function figuresShown(viewer: StaffViewer, track: ShownTrack) {
  const steps = await stepFunnel(viewer, track);
  const from = `${page}/${track.id}/figures?as=${encodeURIComponent(standingOf(track))}`;
  return {
    track,
    counts: track.counts,
    hasGoal: track.definition.goal !== null,
    figures: new Map(steps.map((one) => [one.key, one])),
    former: steps.reduce((sum, { kind, here }) => (kind === null ? sum + here : sum), 0),
    funnel: funnelOf(track, steps),
    liveFrom: track.status === 'active' ? from : undefined,
  };
}

/** From coming in to the goal; messages over all steps that send one. */
function funnelOf({ counts }: ShownTrack, steps: readonly StepFigures[]) {
  const sum = (name: string) => steps.reduce((total, step) => total + (step.counts[name] ?? 0), 0);
  const people = [
    { name: 'entered', count: counts.entered },
    { name: 'done', count: counts.done },
    { name: 'converted', count: counts.converted },
  ];
  const sent = sum('sent');
  const messages = ['sent', 'delivered', 'opened', 'clicked'].map((name) => ({ name, count: sum(name) }));
  return {
    people: people.map((one) => ({
      ...one,
      of: counts.entered === 0 ? undefined : one.count / counts.entered,
    })),
    messages: messages.map((one) => ({ ...one, of: sent === 0 ? undefined : one.count / sent })),
    sent,
  };
}
