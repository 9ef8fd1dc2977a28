import { hasRole } from '../../access/viewer.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { serviceState } from '../../platform/readiness.ts';
import { budgetSummary } from '../../platform/salesforce/budget-report.ts';
import { outboxCounts } from '../../platform/salesforce/outbox-list.ts';
import { syncedObjects, type SyncedObject } from '../../platform/salesforce/standing.ts';
import { pause, reload, resume } from '../../platform/salesforce/states.ts';
import { streamingState } from '../../platform/salesforce/streaming-state.ts';
import { only, type Route, route, staff } from '../guards.ts';

const page = '/console/sync';

/** How the mirror of each object is, and what Salesforce has not taken yet: for all staff to see, for administrators to act on. */
export const syncRoutes: Route[] = [
  route('get', page, staff(), async (req, res) => {
    const [objects, outbox, salesforce, budget, streaming] = await Promise.all([
      syncedObjects(),
      outboxCounts(),
      serviceState('salesforce'),
      budgetSummary(),
      streamingState(),
    ]);
    res.render('console/sync/index', {
      salesforce,
      mayAct: hasRole(req.viewer, 'admin'),
      objects: objects.map((object) => ({ ...object, standing: standingOf(object) })),
      outbox,
      budget,
      streaming,
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
];

/** One word for an object's state; an error counts above all but a pause, which somebody chose. */
function standingOf({ isPaused, error, phase }: SyncedObject): 'paused' | 'error' | SyncedObject['phase'] {
  if (isPaused) return 'paused';
  return error === null ? phase : 'error';
}

async function knownObject(parameter: unknown): Promise<string> {
  const object = (await syncedObjects()).find(({ sobject }) => sobject === parameter);
  if (object === undefined) throw new NotFound();
  return object.sobject;
}
