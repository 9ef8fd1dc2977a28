/**
 * The control plane's part for events, under `/__sandbox__/events`:
 *
 * GET    /                    what is selected, who listens, what may be set
 * POST   /gap                 {object, changeType?, recordIds?}: a gap event, GAP_UPDATE unless another is named
 * POST   /overflow            {object}: a GAP_OVERFLOW event
 * POST   /expire-retention    forgets every message, so that no replay id is valid any more
 * POST   /disconnect          forgets every client, as a node that goes away; their connects are answered 403::Unknown client.
 *                             {drop: true} cuts their connections instead
 * POST   /limit               {overflowAt?, retentionHours?, concurrentClients?, dailyEvents?, timeoutMs?, needsCookie?, isSilent?};
 *                             {} sets all back
 */
import { z } from 'zod';

import { transaction } from '../database.ts';
import { gapEvent } from '../salesforce/events/changes.ts';
import { usualSettings } from '../salesforce/events/events.ts';
import { keepMessages } from '../salesforce/events/publish.ts';

import type { Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Clients } from '../salesforce/events/cometd/clients.ts';

const gapForm = z.object({
  object: z.string(),
  changeType: z.enum(['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE']).default('GAP_UPDATE'),
  recordIds: z.array(z.string()).default([]),
});
const overflowForm = z.object({ object: z.string() });
const limitForm = z.object({
  overflowAt: z.int().min(0).optional(),
  retentionHours: z.number().min(0).optional(),
  concurrentClients: z.int().min(0).optional(),
  dailyEvents: z.int().min(0).optional(),
  timeoutMs: z.int().min(0).optional(),
  needsCookie: z.boolean().optional(),
  isSilent: z.boolean().optional(),
});
const disconnectForm = z.object({ drop: z.boolean().default(false) });

/** Adds the routes of events to the control plane. */
export function eventRoutes(router: Router, { org, clients }: { org: Org; clients: Clients }): void {
  router.get('/events', (_req, res) => {
    const { members, topics } = org.events.selection();
    res.json({ clients: clients.count(), members, topics, settings: org.events.settings });
  });
  router.post('/events/gap', async (req, res) => {
    const { object, ...gap } = gapForm.parse(req.body);
    await tellGap(org, object, gap);
    res.status(204).end();
  });
  router.post('/events/overflow', async (req, res) => {
    const { object } = overflowForm.parse(req.body);
    await tellGap(org, object, { changeType: 'GAP_OVERFLOW', recordIds: [] });
    res.status(204).end();
  });
  router.post('/events/expire-retention', async (_req, res) => {
    await expireRetention(org);
    res.status(204).end();
  });
  router.post('/events/disconnect', (req, res) => {
    const { drop } = disconnectForm.parse(req.body ?? {});
    res.json({ disconnected: clients.forgetAll({ drop }) });
  });
  router.post('/events/limit', (req, res) => {
    const wanted = limitForm.parse(req.body ?? {});
    const isReset = Object.keys(wanted).length === 0;
    res.json(Object.assign(org.events.settings, isReset ? usualSettings : wanted));
  });
}

/** Forgets every message. */
export const expireRetention = (org: Org): Promise<void> =>
  org.events.publish(async () => {
    await org.pool.query('delete from _event');
  });

/** Tells subscribers that changes of an object are not told one by one. @throws ZodError for an object that there isn't. */
export async function tellGap(
  org: Org,
  object: string,
  { changeType, recordIds }: { changeType: string; recordIds: string[] },
): Promise<void> {
  const sobject = org.catalog.find(object);
  if (!sobject) throw new z.ZodError([{ code: 'custom', path: ['object'], message: `no object ${object}`, input: object }]); // prettier-ignore
  const at = org.clock.now();
  const told = { orgId: org.id, catalog: org.catalog, at, overflowAt: 0, enriched: new Set<string>() };
  await org.events.publish(async () => {
    const topic = await transaction(org.pool, async (tx) => {
      const { rows } = await tx.query('select pg_current_xact_id()::text as tx');
      const message = gapEvent(told, { sobject, changeType, recordIds, tx: (rows as { tx: string }[])[0]?.tx ?? '' });
      await keepMessages(tx, [message], { at, enriched: [] });
      return message.topic;
    }); // prettier-ignore
    org.events.tell(new Set([topic]));
  });
}
