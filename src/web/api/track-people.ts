import express, { type RequestHandler } from 'express';

import { Conflict, Forbidden, Invalid, NotFound } from '../../platform/errors.ts';
import { enterByKey } from '../../tracks/keys.ts';
import { anyone, route } from '../guards.ts';

const readJson = express.json({ limit: 200_000 });

/** Another system has people enter a track: its key as a bearer token, an Idempotency-Key for each time. */
const letEnter: RequestHandler = async (req, res) => {
  try {
    const entered = await enterByKey(/^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1], {
      trackId: String(req.params.id).toLowerCase(),
      idempotencyKey: req.get('idempotency-key'),
      body: req.body as unknown,
    });
    res.status(202).json({ entered });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    res.status(refusal.status).json({ error: refusal.error });
  }
};

function refusalOf(error: unknown): { status: number; error: string } | undefined {
  if (error instanceof Forbidden) return { status: 401, error: 'The key is missing, unknown or revoked.' };
  if (error instanceof NotFound) return { status: 404, error: 'The key is not for this track.' };
  if (error instanceof Conflict) return { status: 409, error: `${error.message}.` };
  if (error instanceof Invalid)
    return { status: 400, error: `Missing or not to be read: ${Object.keys(error.fields).join(', ')}.` };
  return undefined;
}

const ids = (description: string) => ({
  type: 'array',
  maxItems: 1000,
  items: { type: 'string' },
  description,
});
const told = (description: string) => ({ description });

/** The same for programs to read, in /v1/openapi.json. */
export const trackPeopleApi = {
  post: {
    operationId: 'enterTrack',
    tags: ['tracks'],
    summary: 'Have people enter a track that waits for other systems',
    description: 'Who may not enter is left out. Asked again with the same key and Idempotency-Key, it answers the same.',
    security: [{ campaignKey: [] }],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', maxLength: 200 } },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { people: ids('Addresses of people.'), accounts: ids('Salesforce ids of accounts: all their people.') },
          },
        },
      },
    },
    responses: {
      '202': { ...told('How many entered, now or before.'), content: { 'application/json': { schema: { type: 'object', properties: { entered: { type: 'integer' } } } } } },
      '400': told('The body cannot be read or names nobody, or the Idempotency-Key is missing.'),
      '401': told('The key is missing, unknown or revoked.'),
      '404': told('The key is not for this track.'),
      '409': told('The track is not active, or does not wait for other systems.'),
    },
  },
}; // prettier-ignore

export const trackPeopleApiRoutes = [
  route('post', '/v1/tracks/:id/people', anyone({ id: 'token' }), readJson, letEnter),
];
