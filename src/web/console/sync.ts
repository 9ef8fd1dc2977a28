import { hasRole } from '../../access/viewer.ts';
import { NotFound } from '../../platform/errors.ts';
import { db } from '../../platform/db.ts';
import { flash } from '../../platform/http/flash.ts';
import { serviceState } from '../../platform/readiness.ts';
import { discard, retry, undelivered, type Waiting } from '../../platform/salesforce/outbox.ts';
import { syncedObjects, type SyncedObject } from '../../platform/salesforce/standing.ts';
import { pause, reload, resume } from '../../platform/salesforce/states.ts';
import { only, type Route, route, staff } from '../guards.ts';

const page = '/console/sync';

/** How the mirror of each object is, and what Salesforce has not taken yet: for all staff to see, for administrators to act on. */
export const syncRoutes: Route[] = [
  route('get', page, staff(), async (req, res) => {
    const [objects, outbox, salesforce] = await Promise.all([
      syncedObjects(),
      undelivered(db),
      serviceState('salesforce'),
    ]);
    res.render('console/sync/index', {
      salesforce,
      mayAct: hasRole(req.viewer, 'admin'),
      objects: objects.map((object) => ({ ...object, standing: standingOf(object) })),
      outbox: { ...outbox, rows: outbox.rows.map(shown) },
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
  ...Object.entries({ retries: retry, discards: discard }).map(([noun, act]) =>
    route('post', `${page}/outbox/:id/${noun}`, only('admin')({ id: 'staff-thing' }), async (req, res) => {
      await act(db, await failedRow(req.params.id));
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

function shown(row: Waiting) {
  return { ...row, fieldsText: JSON.stringify(row.fields, null, 2) };
}

async function knownObject(parameter: unknown): Promise<string> {
  const object = (await syncedObjects()).find(({ sobject }) => sobject === parameter);
  if (object === undefined) throw new NotFound();
  return object.sobject;
}

/** @throws NotFound for what was not refused, or is no longer */
async function failedRow(parameter: unknown): Promise<number> {
  const row = (await undelivered(db)).rows.find(
    ({ id, status }) => String(id) === parameter && status === 'failed',
  );
  if (row === undefined) throw new NotFound();
  return row.id;
}
