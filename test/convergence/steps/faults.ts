import { type Kinds, picked, type Step } from './step.ts';

import type { World } from '../world.ts';

type N = Step['n'];

/** Where a fault strikes: a request of writes, of reads, or any. */
const paths = ['/composite/sobjects', '/composite', '/query', '/sobjects', '/services/data', '/services'];

/** How many requests, from which on. */
const match = ([where, nth, times]: N) => ({
  path: picked(paths, where),
  nth: 1 + Math.floor(nth * 4),
  times: 1 + Math.floor(times * times * 5),
});

const fault = (effect: object) => (world: World, n: N) => add(world, match(n), effect);

async function add(world: World, matching: object, effect: object): Promise<void> {
  await world.control('/faults', { match: matching, effect });
}

/** What the network and Salesforce do to anyone. */
export const faultKinds: Kinds = {
  'writes lose their answers': {
    weight: 6,
    run: (world, [method, nth]) =>
      add(
        world,
        {
          method: method < 0.5 ? 'PATCH' : 'POST',
          path: '/composite/sobjects',
          nth: 1 + Math.floor(nth * 3),
        },
        { dropAfterCommit: true },
      ),
  },
  'answers are lost': { weight: 2, run: fault({ dropAfterCommit: true }) },
  'connections are cut': { weight: 2, run: fault({ drop: true }) },
  'Salesforce is unavailable': { weight: 2, run: fault({ status: 503 }) },
  'a gateway fails': { weight: 1, run: fault({ status: 502 }) },
  'something unexpected': { weight: 1, run: fault({ errorCode: 'UNKNOWN_EXCEPTION' }) },
  'a lock is held': { weight: 2, run: fault({ errorCode: 'UNABLE_TO_LOCK_ROW' }) },
  'the query takes too long': {
    weight: 1,
    run: (world, n) => add(world, { ...match(n), path: '/query' }, { errorCode: 'QUERY_TIMEOUT' }),
  },
  'the API limit is reached, as one request says': {
    weight: 2,
    run: fault({ errorCode: 'REQUEST_LIMIT_EXCEEDED' }),
  },
  'the API limit is reached': {
    weight: 1,
    run: (world) => {
      world.org.limits.dailyUsed = world.org.limits.dailyMax;
      return Promise.resolve();
    },
  },
  'some rows are locked': {
    weight: 3,
    run: (world, [count, nth, times]) =>
      add(
        world,
        { path: '/composite/sobjects', nth: 1 + Math.floor(nth * 2), times: 1 + Math.floor(times * 3) },
        { rows: { count: 1 + Math.floor(count * 3) } },
      ),
  },
  'a row is refused for good': {
    weight: 2,
    run: (world, [nth]) =>
      add(
        world,
        { path: '/composite/sobjects', nth: 1 + Math.floor(nth * 3) },
        { rows: { count: 1, errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Not on a Friday.' } },
      ),
  },
  'an answer breaks off': {
    weight: 2,
    run: (world, [where, nth, share]) => add(world, match([where, nth, 0]), { truncate: { share } }),
  },
  'a Bulk job ends badly': {
    weight: 2,
    run: (world, [how, rows]) =>
      add(
        world,
        { path: '/jobs/query', times: 1 },
        { job: { [how < 0.5 ? 'failAfter' : 'abortAfter']: Math.floor(rows * 2500) } },
      ),
  },
  'a page of Bulk results breaks off': {
    weight: 2,
    run: (world, [share, quiet]) =>
      add(
        world,
        { path: '^/services/data/v[\\d.]+/jobs/query/\\w+/results', times: 1 },
        { truncate: { share, quiet: quiet < 0.5 } },
      ),
  },
  'a locator expires': {
    weight: 1,
    run: (world, [nth]) =>
      add(world, { path: '/query', nth: 1 + Math.floor(nth * 4) }, { locator: 'expire' }),
  },
  'a session ends as it is used': { weight: 2, run: fault({ session: 'expire' }) },
  'the session expires': { weight: 2, run: (world) => expire(world) },
  'a session ends in mid-run': { weight: 2, run: fault({ errorCode: 'INVALID_SESSION_ID' }) },
  'answers are slow': { weight: 1, run: fault({ latencyMs: 60 }) },
  'the faults end': { weight: 4, run: (world) => world.clearFaults() },
};

async function expire(world: World): Promise<void> {
  await world.control('/tokens/expire', {});
}
