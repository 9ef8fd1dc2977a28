import { timingSafeEqual } from 'node:crypto';

import type { RequestHandler } from 'express';

import { config } from '../../platform/config.ts';
import { registry } from '../../platform/metrics.ts';
import { readiness } from '../../platform/readiness.ts';
import { anyone, route } from '../guards.ts';

/** The process answers: nothing else is asked. */
const alive: RequestHandler = (_req, res) => {
  res.json({ status: 'ok' });
};

/** 503 only when the database or its migrations are not there; all else shows as degraded. */
const ready: RequestHandler = async (_req, res) => {
  const report = await readiness();
  res.status(report.status === 'unavailable' ? 503 : 200).json(report);
};

/** Open to everybody on a machine of one's own; in production it takes `Authorization: Bearer METRICS_TOKEN`. */
const metrics: RequestHandler = async (req, res) => {
  if (!mayReadMetrics(req.get('authorization'))) {
    res.status(401).set('WWW-Authenticate', 'Bearer').end();
    return;
  }
  res.type(registry.contentType).send(await registry.metrics());
};

function mayReadMetrics(authorization = ''): boolean {
  if (config.METRICS_TOKEN === undefined) return config.NODE_ENV !== 'production';
  const expected = Buffer.from(`Bearer ${config.METRICS_TOKEN}`);
  const given = Buffer.from(authorization);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export const statusRoutes = [
  route('get', '/healthz', anyone(), alive),
  route('get', '/readyz', anyone(), ready),
  route('get', '/metrics', anyone(), metrics),
];
