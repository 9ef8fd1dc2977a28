import express, { type Request, type RequestHandler } from 'express';

import { Conflict, Forbidden, Invalid, NotFound } from '../../platform/errors.ts';

/** What another system shows and says: its key, whatever the path names, and an Idempotency-Key for each time. */
interface Asked {
  key: string | undefined;
  id: string;
  idempotencyKey: string | undefined;
  body: unknown;
}

/**
 * The handlers of an act that another system asks for with a key of one thing alone, as a bearer token: 202 with what came of it, or why not.
 * @param thing what the key is of, in English
 */
export const actByKey = (
  thing: 'campaign' | 'track',
  act: (asked: Asked) => Promise<object>,
): RequestHandler[] => [
  express.json({ limit: 200_000 }),
  async (req, res) => {
    try {
      res.status(202).json(await act(askedIn(req)));
    } catch (error) {
      const refusal = refusalOf(error, thing);
      if (refusal === undefined) throw error;
      res.status(refusal.status).json({ error: refusal.error });
    }
  },
];

const askedIn = (req: Request): Asked => ({
  key: /^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1],
  id: String(req.params.id).toLowerCase(),
  idempotencyKey: req.get('idempotency-key'),
  body: req.body as unknown,
});

function refusalOf(error: unknown, thing: string): { status: number; error: string } | undefined {
  if (error instanceof Forbidden) return { status: 401, error: 'The key is missing, unknown or revoked.' };
  if (error instanceof NotFound) return { status: 404, error: `The key is not for this ${thing}.` };
  if (error instanceof Conflict) return { status: 409, error: `${error.message}.` };
  if (error instanceof Invalid)
    return { status: 400, error: `Missing or not to be read: ${Object.keys(error.fields).join(', ')}.` };
  return undefined;
}

/** A list of ids in the description of a body, for /v1/openapi.json. */
export const ids = (description: string) => ({
  type: 'array',
  maxItems: 1000,
  items: { type: 'string' },
  description,
});

/** What an answer means, for /v1/openapi.json. */
export const told = (description: string) => ({ description });
