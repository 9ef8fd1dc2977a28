import { createGunzip } from 'node:zlib';

import express, { type RequestHandler, type Response } from 'express';

import { now } from '../../platform/clock.ts';
import { isDatabaseTrouble } from '../../platform/db.ts';
import { collect, rejectUnread } from '../../usage/collect.ts';
import { importFile } from '../../usage/imports.ts';
import { type MessageType, messageTypes } from '../../usage/messages.ts';
import { anyone, route } from '../guards.ts';

import { settings, sourceConfig } from './browser-settings.ts';
import { openApi } from './openapi.ts';
import { inTurn, LARGEST_BODY, shed } from './overload.ts';
import { pixel } from './pixel.ts';
import { keyInHeader, Refusal, sourceOf } from './write-key.ts';

const MOST_MESSAGES = 2_500;

/** The browser forms of the Segment library: /v1/t for track and so on. */
const shortForms: Record<string, MessageType> = {
  i: 'identify', g: 'group', t: 'track', p: 'page', s: 'screen', a: 'alias',
}; // prettier-ignore

/** The sensor sends a batch as one of these, since a page that is being left may send nothing that needs asking first. */
const forms = ['batch', 'b'];

/** Lets pages of any origin send: a write key is no secret, and nothing can be read with it. */
export const openToAllOrigins: RequestHandler = (req, res, next) => {
  res.setHeader('Access-Control-Allow-Origin', '*');
  res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  if (req.method !== 'OPTIONS') {
    next();
    return;
  }
  res
    .setHeader('Access-Control-Allow-Methods', 'GET, POST')
    .setHeader('Access-Control-Allow-Headers', req.get('access-control-request-headers') ?? '*')
    .setHeader('Access-Control-Max-Age', '86400')
    .status(204)
    .end();
};

/* Whatever the content type says, a body is JSON: each library names it differently. */
const readBody = express.raw({ type: () => true, limit: LARGEST_BODY });

const receive =
  (type: MessageType | undefined): RequestHandler =>
  async (req, res) => {
    const receivedAt = now();
    const text = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '';
    let sourceId: number | undefined;
    try {
      const key = keyInHeader(req);
      const body = bodyOf(text);
      sourceId = await sourceOf(key ?? (typeof body.writeKey === 'string' ? body.writeKey : undefined));
      const messages = messagesOf(body, type);
      const { taken, rejections } = await collect(sourceId, messages, {
        receivedAt,
        type,
        bytes: text.length,
      });
      answer(res, taken, rejections);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 400) await rejectUnread(sourceId, receivedAt, error.message, text);
      res.status(error.status).json({ success: false, error: error.message });
    }
  };

/** What all of it was wrong is a 400; what some of it was is told beside the success, so that a library does not send the rest again. */
function answer(res: Response, taken: number, rejections: { index: number; reason: string }[]): void {
  if (rejections.length === 0) res.json({ success: true });
  else if (taken === 0)
    res.status(400).json({ success: false, error: rejections[0]?.reason, rejected: rejections });
  else res.json({ success: true, taken, rejected: rejections });
}

function bodyOf(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, text === '' ? 'The body is empty.' : 'The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal(400, 'The body must be a JSON object.');
  return body as Record<string, unknown>;
}

function messagesOf(body: Record<string, unknown>, type: MessageType | undefined): unknown[] {
  if (type !== undefined) return [body];
  const { batch, sentAt, context } = body;
  if (!Array.isArray(batch)) throw new Refusal(400, 'batch must be a list of messages.');
  if (batch.length > MOST_MESSAGES)
    throw new Refusal(
      400,
      `A batch may hold ${String(MOST_MESSAGES)} messages; this one holds ${String(batch.length)}.`,
    );
  return batch.map((message: unknown) =>
    typeof message === 'object' && message !== null ? { sentAt, context, ...message } : message,
  );
}

/** A file of the past, as it streams: NDJSON or CSV, packed by gzip or not. */
const receiveFile: RequestHandler = async (req, res) => {
  try {
    const sourceId = await sourceOf(keyInHeader(req));
    const format = req.is('text/csv') ? 'csv' : 'ndjson';
    const bytes = req.get('content-encoding') === 'gzip' ? req.pipe(createGunzip()) : req;
    const name = typeof req.query.name === 'string' ? req.query.name : 'API';
    res.json({ success: true, ...(await importFile({ sourceId, name, format }, bytes)) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    res.status(error.status).json({ success: false, error: error.message });
  }
};

/** Clients read JSON, and try again when told that it may help. */
export const answerUnread: express.ErrorRequestHandler = (error: unknown, _req, res, next) => {
  const status = (error as { status?: unknown }).status;
  if (res.headersSent) return;
  if (status === 413)
    res.status(413).json({ success: false, error: `A request may have ${String(LARGEST_BODY)} bytes.` });
  else if (isDatabaseTrouble(error))
    res
      .status(503)
      .setHeader('Retry-After', '5')
      .json({ success: false, error: 'Try again in a few seconds.' });
  else if (typeof status === 'number' && status >= 400 && status < 500)
    res.status(status).json({ success: false, error: 'The body cannot be read.' });
  else next(error);
};

const asks = (path: string, type: MessageType | undefined) =>
  route('post', `/v1/${path}`, anyone(), shed, readBody, inTurn, receive(type));

export const trackingRoutes = [
  ...messageTypes.map((type) => asks(type, type)),
  ...Object.entries(shortForms).map(([path, type]) => asks(path, type)),
  ...forms.map((path) => asks(path, undefined)),
  route('post', '/v1/import', anyone(), receiveFile),
  route('get', '/v1/projects/:key/settings', anyone({ key: 'token' }), settings),
  route('get', '/v1/openapi.json', anyone(), (_req, res) => {
    res.json(openApi);
  }),
  route('get', '/sourceConfig', anyone(), sourceConfig),
  route('get', '/pixel.gif', anyone(), pixel),
];
