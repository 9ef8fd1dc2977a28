import type { Request, Response } from 'express';

import { uuidOf } from '../../platform/http/parse.ts';
import { everyStep, type TrackDefinition } from '../../tracks/definition.ts';
import { trackApprovals } from '../../tracks/approvals.ts';
import { stepFunnel } from '../../tracks/figures.ts';
import type { ShownTrack, StepFigures } from '../../tracks/tracks.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { draftOf } from './track-draft-form.ts';
import { flowOf } from './track-flow.ts';
import { aTrack, page, trackPage } from './track-page.ts';
import { summaryOf, topicNames } from './track-summary.ts';
import { namesFor } from './track-told.ts';

/** A track at a glance: its drawing with who is where, what came of it, and what it is set to; alive while it is active. */
export const trackOverviewRoutes: Route[] = [route('get', `${page}/:id`, staff(aTrack), showTrack)];

async function showTrack(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { track } = shown;
  const definition = track.activeDefinition ?? track.definition;
  const draft = draftOf(definition);
  const [names, { counts, steps }, approvals, topics] = await Promise.all([
    namesFor(viewer, [draft, draftOf(track.definition)]),
    stepFunnel(viewer, track.id),
    trackApprovals(viewer, track.id),
    topicNames(),
  ]);
  res.render('console/tracks/show', {
    ...shown, approvals, counts, flow: flowOf(draft, names), figures: new Map(steps.map((one) => [one.key, one])),
    former: former(steps, definition), funnel: funnelOf(track, steps), told: summaryOf(definition, names, topics),
    isLive: track.status === 'active',
  }); // prettier-ignore
}

/** Steps that the version shown has no longer, where somebody still is. */
function former(steps: readonly StepFigures[], definition: TrackDefinition): StepFigures[] {
  const keys = new Set(everyStep(definition.steps).map(({ step }) => step.key));
  return steps.filter(({ key, here }) => !keys.has(key) && here > 0);
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
