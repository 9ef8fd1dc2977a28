import type { Request, Response } from 'express';

import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { activateTrack, archiveTrack, pauseTrack, resumeTrack } from '../../tracks/control.ts';
import { duplicateTrack, trackSeenBy } from '../../tracks/tracks.ts';
import { type Route, route, staffViewerOf } from '../guards.ts';

import { aTrack, editors, page, unlessConflict } from './track-page.ts';

const t = translator('en', 'console');

type Verb = (viewer: Request['viewer'], id: string) => Promise<void>;

/** What sets a track going, holds it, and puts it away. */
export const trackActRoutes: Route[] = [
  act('activations', activateTrack, 'tracks.activated'),
  act('pauses', pauseTrack, 'tracks.paused'),
  act('resumptions', resumeTrack, 'tracks.resumed'),
  act('archivals', archiveTrack, 'tracks.archived'),
  route('post', `${page}/:id/copies`, editors(aTrack), copy),
];

function act(noun: string, verb: Verb, told: string): Route {
  return route('post', `${page}/:id/${noun}`, editors(aTrack), unlessConflict(async (req, res) => {
    const id = uuidOf(req.params.id);
    await verb(req.viewer, id);
    flash(res, told);
    res.redirect(303, `${page}/${id}`);
  })); // prettier-ignore
}

async function copy(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id, name } = await trackSeenBy(viewer, uuidOf(req.params.id));
  const copied = await duplicateTrack(viewer, id, t('campaigns.copyOf', { name: name.slice(0, 180) }));
  flash(res, 'tracks.copied');
  res.redirect(303, `${page}/${copied}/edit`);
}
