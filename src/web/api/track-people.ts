import { enterByKey } from '../../tracks/keys.ts';
import { anyone, route } from '../guards.ts';

import { actByKey, ids, told } from './by-key.ts';

/** Another system has people enter a track: its key as a bearer token, an Idempotency-Key for each time. */
const letEnter = actByKey('track', async ({ key, id, ...asked }) => ({
  entered: await enterByKey(key, { trackId: id, ...asked }),
}));

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
  route('post', '/v1/tracks/:id/people', anyone({ id: 'token' }), ...letEnter),
];
