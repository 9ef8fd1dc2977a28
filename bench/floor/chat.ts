import { Pool } from 'undici';

import type { Slice } from '../harness.ts';

/** The least that there is to posting messages one by one: one body over and over, so many requests under way. */
export function chatFloor(origin: string, inFlight: number): Slice {
  const pool = new Pool(origin, { connections: inFlight, pipelining: 1 });
  const body = JSON.stringify({
    author: { type: 'business', displayName: 'Bench' },
    content: { type: 'text', text: 'Hello' },
    metadata: { rapportRun: '1', rapportN: '0', rapportBatch: '1' },
  });
  const path = '/v2/apps/bench/conversations/c/messages';
  return async (milliseconds) => {
    const end = performance.now() + milliseconds;
    let done = 0;
    const lane = async () => {
      while (performance.now() < end) {
        const answer = await pool.request({
          path,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        await answer.body.dump();
        if (answer.statusCode === 201) done += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return done;
  };
}
