import { randomUUID } from 'node:crypto';

import type { Request, RequestHandler, Response } from 'express';

import type { StaffViewer } from '../../access/viewer.ts';
import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { trackSeenBy } from '../../tracks/tracks.ts';
import { only } from '../guards.ts';

/** The address of tracks; whoever may write campaigns may write them. */
export const page = '/console/tracks';
export const editors = only('csm', 'admin');
export const aTrack = { id: 'staff-thing' } as const;

/** What the head of each page of a track shows. @throws NotFound */
export async function trackPage(viewer: StaffViewer, id: string) {
  const track = await trackSeenBy(viewer, id);
  return { track, mayEdit: mayEditCampaigns(viewer), formKey: randomUUID() };
}

/** An act that is refused as the track stands now: its page says so, instead of an error. */
export function unlessConflict(act: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return async (req, res) => {
    try {
      await act(req, res);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      flash(res, 'tracks.notNow', { kind: 'warning' });
      res.redirect(303, `${page}/${uuidOf(req.params.id)}`);
    }
  };
}

/** A page of campaigns that runs and ledgers link to: what is sent on a track has a track in the place of a campaign. */
export function orTrack(
  show: (req: Request, res: Response) => Promise<void>,
  partOf: (req: Request) => string = () => '',
): RequestHandler {
  return async (req, res) => {
    try {
      await show(req, res);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      const { id } = await trackSeenBy(req.viewer, uuidOf(req.params.id));
      res.redirect(303, `${page}/${id}${partOf(req)}`);
    }
  };
}
