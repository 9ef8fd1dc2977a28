import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { pageNumber, parse } from '../../platform/http/parse.ts';
import { askForAll, askForComparison } from '../../platform/salesforce/mirror/drift-runs.ts';
import {
  driftDays,
  driftFindings,
  driftSums,
  objectDrift,
} from '../../platform/salesforce/mirror/drift-summary.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { driftChart } from './drift-chart.ts';

const page = '/console/drift';
const PAGE_SIZE = 50;

const Query = z.object({ object: z.string().max(80).catch(''), page: pageNumber });
const Form = z.object({ object: z.string().max(80).default('') });

/** The proof that the mirror is what Salesforce holds: what was compared, what differed, and what became of it. */
export const driftRoutes: Route[] = [
  route('get', page, only('support', 'admin')(), async (req, res) => {
    const asked = parse(Query, req.query);
    const object = asked.object === '' ? undefined : asked.object;
    const [objects, days, sums, found] = await Promise.all([
      objectDrift(),
      driftDays(),
      driftSums(),
      driftFindings(object, { page: asked.page, size: PAGE_SIZE }),
    ]);
    res.render('console/drift/index', {
      ...found,
      objects,
      days,
      chart: driftChart(days),
      object: asked.object,
      page: asked.page,
      pages: Math.max(1, Math.ceil(found.total / PAGE_SIZE)),
      mayAct: hasRole(req.viewer, 'admin'),
      sums,
    });
  }),
  route('post', `${page}/comparisons`, only('admin')(), async (req, res) => {
    const { object } = parse(Form, req.body);
    const by = staffViewerOf(req).personId;
    if (object === '') await askForAll(by);
    else await askForComparison(await knownObject(object), by);
    flash(res, 'drift.asked');
    res.redirect(303, page);
  }),
];

/** @throws NotFound for what is not mirrored */
async function knownObject(name: string): Promise<string> {
  if (!(await objectDrift()).some(({ sobject }) => sobject === name)) throw new NotFound();
  return name;
}
