import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { serviceState } from '../../platform/readiness.ts';
import { budgetSummary } from '../../platform/salesforce/budget/budget-report.ts';
import { driftSums } from '../../platform/salesforce/mirror/drift-summary.ts';
import { confirmOrg, orgInQuestion } from '../../platform/salesforce/mirror/orgs.ts';
import { outboxCounts } from '../../platform/salesforce/outbox/outbox-list.ts';
import { syncedObjects } from '../../platform/salesforce/mirror/standing.ts';
import { pause, reload, resume } from '../../platform/salesforce/mirror/states.ts';
import { streamingState } from '../../platform/salesforce/streaming/streaming-state.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { shownObject } from './sync-objects.ts';

const page = '/console/sync';

/** How the exchange with Salesforce is, object by object: for all staff to see, for administrators to act on. */
export const syncRoutes: Route[] = [
  route('get', page, staff(), async (req, res) => {
    const [objects, outbox, budget, salesforce, question, drift, streaming] = await Promise.all([
      syncedObjects(),
      outboxCounts(),
      budgetSummary(),
      serviceState('salesforce'),
      orgInQuestion(),
      driftSums(),
      streamingState(),
    ]);
    res.render('console/sync/index', {
      salesforce,
      outbox,
      budget,
      question,
      drift,
      streaming,
      mayAct: hasRole(req.viewer, 'admin'),
      objects: objects.map(shownObject),
    });
  }),
  ...(
    Object.entries({ pauses: pause, resumptions: resume, reloads: reload }) as [string, typeof pause][]
  ).map(([noun, act]) =>
    route('post', `${page}/:sobject/${noun}`, only('admin')({ sobject: 'staff-thing' }), async (req, res) => {
      await act(await knownObject(req.params.sobject));
      flash(res, `sync.${noun}`);
      res.redirect(303, page);
    }),
  ),
  route('post', `${page}/org-confirmations`, only('admin')(), async (req, res) => {
    const { org } = parse(z.object({ org: line(18) }), req.body);
    await confirmOrg(org, staffViewerOf(req).personId);
    flash(res, 'sync.org.confirmed');
    res.redirect(303, page);
  }),
];

async function knownObject(parameter: unknown): Promise<string> {
  const object = (await syncedObjects()).find(({ sobject }) => sobject === parameter);
  if (object === undefined) throw new NotFound();
  return object.sobject;
}
