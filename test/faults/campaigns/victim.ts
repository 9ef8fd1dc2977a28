import { once } from 'node:events';

import express, { type RequestHandler } from 'express';

import { moveClock } from '../../../src/platform/clock.ts';
import { config } from '../../../src/platform/config.ts';
import { pool } from '../../../src/platform/db.ts';
import { planFaults } from '../../../src/platform/faults.ts';
import { createJobRunner } from '../../../src/platform/job-runner.ts';
import { stopOnSignal } from '../../../src/platform/process.ts';
import { answerUntaken, hookRoutes } from '../../../src/web/api/hooks.ts';

import { jobs, reactions, stageOf } from './work.ts';

/*
 * A worker of campaigns with the address that providers post to: what tests kill, stop and start again, many times. It is up before it is needed,
 * and waits to be told where it dies and what the time is.
 */

process.send?.('up');
const [{ fault, ahead }] = (await once(process, 'message')) as [{ fault?: string; ahead: number }];
planFaults(fault);
moveClock(ahead);

const asVisitor: RequestHandler = (req, _res, next) => {
  req.viewer = { kind: 'visitor' };
  next();
};
const app = express();
for (const { path, handlers } of hookRoutes) app.post(path, asVisitor, ...handlers);
app.use(answerUntaken);
const server = app.listen(config.PORT, '127.0.0.1');
await once(server, 'listening');

const runner = createJobRunner({ reactions, jobs, stageOf });
runner.start();
process.send?.('ready');
stopOnSignal('victim', async () => {
  server.close();
  await runner.stop();
  await pool.end();
});
