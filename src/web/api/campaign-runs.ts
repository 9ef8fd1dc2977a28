import { runByKey } from '../../campaigns/definition/keys.ts';
import { anyone, route } from '../guards.ts';

import { actByKey, ids, told } from './by-key.ts';

/** Another system sets a campaign off: its key as a bearer token, an Idempotency-Key for each time. */
const beginRun = actByKey('campaign', async ({ key, id, ...asked }) => ({
  run: await runByKey(key, { campaignId: id, ...asked }),
}));

/** The same for programs to read, in /v1/openapi.json. */
export const campaignRunsApi = {
  post: {
    operationId: 'runCampaign',
    tags: ['campaigns'],
    summary: 'Set off a campaign that waits for other systems',
    description: 'Nobody named: all people of its list. Asked again with the same key and Idempotency-Key, it answers the same run.',
    security: [{ campaignKey: [] }],
    parameters: [
      { name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', maxLength: 200 } },
    ],
    requestBody: {
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
      '202': { ...told('The run that was set off, now or before.'), content: { 'application/json': { schema: { type: 'object', properties: { run: { type: 'integer' } } } } } },
      '400': told('The body cannot be read, or the Idempotency-Key is missing.'),
      '401': told('The key is missing, unknown or revoked.'),
      '404': told('The key is not for this campaign.'),
      '409': told('The campaign is not active, or does not wait for other systems.'),
    },
  },
}; // prettier-ignore

export const campaignRunRoutes = [
  route('post', '/v1/campaigns/:id/runs', anyone({ id: 'token' }), ...beginRun),
];
