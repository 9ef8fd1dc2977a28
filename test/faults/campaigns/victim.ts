import { once } from 'node:events';

import express, { type RequestHandler } from 'express';

import { moveClock } from '../../../src/platform/clock.ts';
import { config } from '../../../src/platform/config.ts';
import { pool } from '../../../src/platform/db.ts';
import { createJobRunner } from '../../../src/platform/job-runner.ts';
import { stopOnSignal } from '../../../src/platform/process.ts';
import { answerUntaken, hookRoutes } from '../../../src/web/api/hooks.ts';

import { jobs, reactions, stageOf } from './work.ts';

/* A worker of campaigns with the address that providers post to: what tests kill, stop and start again, many times. */

moveClock(Number(process.env.CLOCK_AHEAD ?? 0));

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
