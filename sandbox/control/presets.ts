import type { z } from 'zod';
import type { faultsForm } from './faults.ts';

/** Faults that people ask for often, for the page /faults. */
export interface Preset {
  id: string;
  title: string;
  /** What it does, in a sentence. */
  does: string;
  faults: z.input<typeof faultsForm>;
}

export interface PresetGroup {
  title: string;
  presets: Preset[];
}

const api = '^/+services/(data|Soap)';
const writes = '^/+services/data/[^?]*/(sobjects|composite)';

// prettier-ignore
export const presetGroups: PresetGroup[] = [
  {
    title: 'Requests',
    presets: [
      { id: 'slow', title: 'Slow answers', does: 'Every API request waits for two seconds before it is answered.', faults: { match: { path: api }, effect: { latencyMs: 2000 } } },
      { id: 'unavailable', title: 'Out of service now and then', does: 'One API request in five, by chance, answers 503 SERVER_UNAVAILABLE.', faults: { match: { path: api, probability: 0.2 }, effect: { status: 503 } } },
      { id: 'gateway', title: 'A gateway that times out', does: 'Every tenth API request gets the HTML of a 504 instead of an answer of the org.', faults: { match: { path: api, every: 10 }, effect: { status: 504 } } },
      { id: 'cut-before', title: 'Cut before the work', does: 'Every third write loses its connection before anything was saved.', faults: [{ match: { method: 'POST', path: writes, every: 3 }, effect: { drop: true } }, { match: { method: 'PATCH', path: writes, every: 3 }, effect: { drop: true } }] },
      { id: 'cut-after', title: 'Cut after the work', does: 'Every third write is saved, but its connection is cut instead of answered.', faults: [{ match: { method: 'POST', path: writes, every: 3 }, effect: { dropAfterCommit: true } }, { match: { method: 'PATCH', path: writes, every: 3 }, effect: { dropAfterCommit: true } }] },
      { id: 'concurrent', title: 'Too many at a time', does: 'One API request in five is refused for the limit of concurrent requests.', faults: { match: { path: api, probability: 0.2 }, effect: { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.' } } },
      { id: 'mail', title: 'SendGrid is down', does: 'Every mail that is sent gets 503.', faults: { match: { path: '/sendgrid' }, effect: { status: 503 } } },
      { id: 'chat', title: 'Sunshine is down', does: 'Every request to the chat service gets 503.', faults: { match: { path: '/sunshine' }, effect: { status: 503 } } },
    ],
  },
  {
    title: 'Records',
    presets: [
      { id: 'locks', title: 'Some records are locked', does: 'In every save five rows of up to two hundred fail with UNABLE_TO_LOCK_ROW.', faults: { effect: { rows: { count: 5 } } } },
      { id: 'case-locks', title: 'Cases are locked three times', does: 'The next three saves of cases fail as a whole with UNABLE_TO_LOCK_ROW.', faults: { match: { object: 'Case', times: 3 }, effect: { rows: {} } } },
      { id: 'trigger', title: 'A trigger fails', does: 'One row of every save of accounts is refused by a trigger.', faults: { match: { object: 'Account' }, effect: { rows: { count: 1, errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message: 'AccountTrigger: execution of BeforeUpdate\n\ncaused by: System.NullPointerException: Attempt to de-reference a null object' } } } },
    ],
  },
  {
    title: 'Sessions',
    presets: [
      { id: 'session', title: 'Sessions that do not last', does: 'Every twentieth API request finds that its session has ended.', faults: { match: { path: api, every: 20 }, effect: { session: 'expire' } } },
      { id: 'refresh', title: 'A refresh that is refused', does: 'The next request for a new access token is refused as if the refresh token had expired.', faults: { match: { path: '/services/oauth2/token', times: 1 }, effect: { status: 400, errorCode: 'invalid_grant', message: 'expired access/refresh token' } } },
    ],
  },
  {
    title: 'Queries and Bulk',
    presets: [
      { id: 'query-timeout', title: 'Queries that run too long', does: 'Every fourth query ends with QUERY_TIMEOUT.', faults: { match: { path: '/query', every: 4 }, effect: { errorCode: 'QUERY_TIMEOUT' } } },
      { id: 'locator', title: 'Locators that are lost', does: 'The next page of a query or of Bulk results is gone: INVALID_QUERY_LOCATOR.', faults: [{ match: { path: '/query/01g', times: 1 }, effect: { locator: 'expire' } }, { match: { path: 'results?', times: 1 }, effect: { locator: 'expire' } }] },
      { id: 'bulk-query', title: 'A Bulk query fails', does: 'The next Bulk query job fails after Salesforce has tried often enough.', faults: { match: { path: '/jobs/query', times: 1 }, effect: { job: { failAfter: 0 } } } },
      { id: 'bulk-ingest', title: 'A Bulk ingest job fails half-way', does: 'The next ingest job fails after a hundred rows; the others stay unprocessed.', faults: { match: { path: '/jobs/ingest', times: 1 }, effect: { job: { failAfter: 100 } } } },
      { id: 'bulk-slow', title: 'Slow Bulk jobs', does: 'Every Bulk job waits ten seconds and then does a thousand rows a second.', faults: { match: { path: '/jobs/' }, effect: { job: { delayMs: 10_000, rowsPerSecond: 1000 } } } },
      { id: 'bulk-page', title: 'A truncated page', does: 'The next page of Bulk results ends in the middle, as if that were all.', faults: { match: { path: '/results', times: 1 }, effect: { truncate: { share: 0.5, quiet: true } } } },
      { id: 'bulk-expired', title: 'Results that expire', does: 'The results of the next Bulk query are gone as soon as it has ended.', faults: { match: { path: '/jobs/query', times: 1 }, effect: { job: { loseResults: true } } } },
    ],
  },
];

/** The preset of that id. */
export const maybePreset = (id: string): Preset | undefined =>
  presetGroups.flatMap(({ presets }) => presets).find((preset) => preset.id === id);
