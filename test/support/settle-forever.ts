import { setTimeout as pause } from 'node:timers/promises';

import { settleSegments } from './segments.ts';

/* A process that keeps lists, tags and risk until it is killed. It begins with all events again, as a worker may after a crash. */
process.send?.('ready');
for (;;) {
  await settleSegments();
  await pause(2);
}
