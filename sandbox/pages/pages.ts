import express, { type Router } from 'express';

import type { Org } from '../salesforce/context.ts';
import { addComment, attachFile, logCall, sendEmail, setStatus, takeCase } from './actions.ts';
import { askDelete, doDelete, emptyBin, showBin } from './bin.ts';
import { openCanvas } from './canvas.ts';
import { doConvert, showConvert } from './convert.ts';
import { saveEdit, showEdit } from './edit.ts';
import { showHome, showSearch } from './home.ts';
import { showList } from './lists.ts';
import { showLog, showLoggedRequest } from './log.ts';
import { doMerge, showMerge } from './merge.ts';
import { saveNew, showNew } from './new.ts';
import { withPolicy } from './policy.ts';
import { redirectToRecord, showRecord, showRelated } from './record.ts';
import { showSignIn, signInAs } from './sign-in.ts';
import { withViewer } from './viewer.ts';

/** Contents: the org's web pages, at the addresses that they have in Salesforce, and the API log. */
export function pageRoutes(org: Org): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '1mb' });
  const viewer = withViewer(org);
  router.use(withPolicy);
  router.get('/sign-in', showSignIn);
  router.post('/sign-in', form, signInAs(org));
  router.get('/log', showLog(org));
  router.get('/log/:id', showLoggedRequest(org));

  router.get(['/', '/lightning', '/lightning/page/home'], viewer, showHome);
  router.get('/search', viewer, showSearch);
  router.get('/canvas/:app', viewer, openCanvas);
  router.get('/lightning/o/:object/list', viewer, showList);
  router.get('/lightning/o/:object/new', viewer, showNew);
  router.post('/lightning/o/:object/new', viewer, form, saveNew);
  router.get('/recycle-bin', viewer, showBin);
  router.post('/recycle-bin', viewer, form, emptyBin);
  router.get('/lightning/r/:object/:id/view', viewer, showRecord);
  router.get('/lightning/r/:object/:id/delete', viewer, askDelete);
  router.post('/lightning/r/:object/:id/delete', viewer, form, doDelete);
  router.get('/lightning/r/:object/:id/merge', viewer, showMerge);
  router.post('/lightning/r/:object/:id/merge', viewer, form, doMerge);
  router.get('/lightning/r/Lead/:id/convert', viewer, showConvert);
  router.post('/lightning/r/Lead/:id/convert', viewer, form, doConvert);
  router.get('/lightning/r/:object/:id/related/:list/view', viewer, showRelated);
  router.get('/lightning/r/:object/:id/edit', viewer, showEdit);
  router.post('/lightning/r/:object/:id/edit', viewer, form, saveEdit);
  router.post('/lightning/r/:object/:id/call', viewer, form, logCall);
  router.post('/lightning/r/:object/:id/comments', viewer, form, addComment);
  router.post('/lightning/r/:object/:id/emails', viewer, form, sendEmail);
  router.post('/lightning/r/:object/:id/files', viewer, attachFile);
  router.post('/lightning/r/:object/:id/status', viewer, form, setStatus);
  router.post('/lightning/r/:object/:id/owner', viewer, form, takeCase);
  router.get(/^\/(?<id>[a-zA-Z0-9]{15}|[a-zA-Z0-9]{18})$/, viewer, redirectToRecord);
  return router;
}
