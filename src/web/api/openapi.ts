import { config } from '../../platform/config.ts';
import { type MessageType, messageTypes } from '../../usage/messages.ts';

import { campaignRunsApi } from './campaign-runs.ts';
import { trackPeopleApi } from './track-people.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });

const told: Record<MessageType, { summary: string; required: string[] }> = {
  identify: { summary: 'Tell who somebody is', required: [] },
  group: { summary: 'Tell which account somebody acts for, and about that account', required: ['groupId'] },
  track: { summary: 'Tell what somebody did', required: ['event'] },
  page: { summary: 'Tell which page somebody looked at', required: [] },
  screen: { summary: 'Tell which screen of an app somebody looked at', required: [] },
  alias: { summary: 'Tell that an anonymous visitor is somebody known', required: ['previousId', 'userId'] },
};

const answers = {
  '200': {
    description: 'Taken. What of a batch was refused is listed in `rejected`.',
    content: json(ref('Taken')),
  },
  '400': { description: 'Nothing of it can be used; `error` says why.', content: json(ref('Refusal')) },
  '401': { description: 'The write key is missing, unknown or revoked.', content: json(ref('Refusal')) },
  '413': { description: 'The request is larger than 512,000 bytes.', content: json(ref('Refusal')) },
  '503': {
    description: 'Try again after the seconds that `Retry-After` says.',
    content: json(ref('Refusal')),
  },
};

const single = (type: MessageType) => ({
  post: {
    operationId: type,
    tags: ['messages'],
    summary: told[type].summary,
    requestBody: {
      required: true,
      content: json({ allOf: [ref('Message'), { type: 'object', required: told[type].required }] }),
    },
    responses: answers,
  },
});

const text = (description: string) => ({ type: 'string', maxLength: 255, description });
const moment = (description: string) => ({ type: 'string', format: 'date-time', description });
const anyObject = (description: string) => ({ type: 'object', additionalProperties: true, description });

const schemas = {
  Message: {
    type: 'object',
    description:
      'At most 32,768 bytes. It needs userId or anonymousId. One that comes twice with the same messageId counts once.',
    properties: {
      type: { enum: messageTypes, description: 'In a batch; elsewhere the address says it.' },
      messageId: text('An id of the sender’s own.'),
      userId: text('The person, as the sender names them.'),
      anonymousId: text('A browser of which nobody knows yet whose it is.'),
      previousId: text('alias: the anonymousId that somebody had.'),
      groupId: text('The account, as the sender names it; also taken from context.groupId.'),
      event: { type: 'string', maxLength: 200, description: 'track: what was done.' },
      name: text('page, screen: its name.'),
      timestamp: moment('When it happened, by the sender’s clock; not more than 400 days ago.'),
      sentAt: moment('When it is sent, by the same clock: how wrong that clock is shows in it.'),
      traits: anyObject('identify, group: what is known of the person or the account.'),
      properties: anyObject(
        'More about what was done. `module` names the part of the product, `activeSeconds` the time spent.',
      ),
      context: anyObject('As the libraries send it.'),
      writeKey: text('The write key, where it is not in the header.'),
    },
  },
  Taken: {
    type: 'object',
    required: ['success'],
    properties: {
      success: { const: true },
      taken: { type: 'integer' },
      rejected: { type: 'array', items: ref('Rejection') },
    },
  },
  Rejection: {
    type: 'object',
    required: ['index', 'reason'],
    properties: {
      index: { type: 'integer', description: 'Its place in the batch, from 0.' },
      reason: { type: 'string' },
    },
  },
  Refusal: {
    type: 'object',
    required: ['success', 'error'],
    properties: { success: { const: false }, error: { type: 'string' } },
  },
};

const batch = {
  post: {
    operationId: 'batch',
    tags: ['messages'],
    summary: 'Tell several things at once, at most 2,500',
    requestBody: {
      required: true,
      content: json({
        type: 'object',
        required: ['batch'],
        properties: {
          batch: { type: 'array', maxItems: 2_500, items: ref('Message') },
          sentAt: moment('As in a message.'),
        },
      }),
    },
    responses: answers,
  },
};

const files = {
  post: {
    operationId: 'import',
    tags: ['messages'],
    summary: 'Import a file of the past',
    description:
      'Read as it arrives, of any length, packed by gzip or not. A file that is imported again counts nothing twice.',
    parameters: [
      {
        name: 'name',
        in: 'query',
        schema: { type: 'string' },
        description: 'What the import is called in the console.',
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/x-ndjson': { schema: { type: 'string', description: 'One message a line.' } },
        'text/csv': {
          schema: {
            type: 'string',
            description: 'Columns named like the fields of a message, such as traits.plan.',
          },
        },
      },
    },
    responses: { ...answers, '200': { description: 'How many messages were taken and refused.' } },
  },
};

/** The tracking API in OpenAPI 3.1, as it is served. */
export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Tracking API',
    version: '1',
    description:
      'How products tell about their use. The libraries of Segment and RudderStack speak it: give them this address and a write key.',
  },
  servers: [{ url: config.publicUrl }],
  security: [{ basic: [] }, { bearer: [] }],
  paths: {
    ...Object.fromEntries(messageTypes.map((type) => [`/v1/${type}`, single(type)])),
    '/v1/batch': batch,
    '/v1/import': files,
    '/v1/campaigns/{id}/runs': campaignRunsApi,
    '/v1/tracks/{id}/people': trackPeopleApi,
  },
  components: {
    schemas,
    securitySchemes: {
      basic: { type: 'http', scheme: 'basic', description: 'The write key as user, no password.' },
      bearer: { type: 'http', scheme: 'bearer', description: 'The write key.' },
      campaignKey: { type: 'http', scheme: 'bearer', description: 'A key of the campaign.' },
    },
  },
};
