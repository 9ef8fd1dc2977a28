import express, { type RequestHandler } from 'express';

import { runByKey } from '../../campaigns/keys.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../../platform/errors.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { anyone, route } from '../guards.ts';

const readJson = express.json({ limit: 200_000 });

/** Another system sets a campaign off: its key as a bearer token, an Idempotency-Key for each time. */
const beginRun: RequestHandler = async (req, res) => {
  try {
    const run = await runByKey(/^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1], {
      campaignId: uuidOf(req.params.id),
      idempotencyKey: req.get('idempotency-key'),
      body: req.body as unknown,
    });
    res.status(202).json({ run });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    res.status(refusal.status).json({ error: refusal.error });
  }
};

function refusalOf(error: unknown): { status: number; error: string } | undefined {
  if (error instanceof Forbidden) return { status: 401, error: 'The key is missing, unknown or revoked.' };
  if (error instanceof NotFound) return { status: 404, error: 'The key is not for this campaign.' };
  if (error instanceof Conflict) return { status: 409, error: `${error.message}.` };
  if (error instanceof Invalid)
    return { status: 400, error: `Missing or not to be read: ${Object.keys(error.fields).join(', ')}.` };
  return undefined;
}

export const campaignRunRoutes = [
  route('post', '/v1/campaigns/:id/runs', anyone({ id: 'token' }), readJson, beginRun),
];
