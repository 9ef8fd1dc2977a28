import type { RequestHandler } from 'express';

import { viewerAs } from '../access/people.ts';
import type { Viewer } from '../access/viewer.ts';
import { hasOutlived, sessionIsInUse } from '../identity/sessions.ts';

import { endCurrentSession, personOf } from './session.ts';

const visitor: Viewer = { kind: 'visitor' };

/** Finds out who asks, with the rights they have at this moment: the session's statement has told them. Visitors cost none. */
export const loadViewer: RequestHandler = async (req, res, next) => {
  req.viewer = visitor;
  const { personId, isStrong = false, signedInAt = 0, accountId } = req.session;
  if (personId !== undefined) {
    const viewer = viewerAs(personOf(req), { isStrong, accountId });
    if (hasOutlived({ signedInAt }, viewer.kind === 'staff')) await endCurrentSession(req);
    else {
      req.viewer = viewer;
      await sessionIsInUse(req.sessionID);
    }
  }
  res.locals.viewer = req.viewer;
  next();
};
