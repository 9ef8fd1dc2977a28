import express from 'express';
import type { Request, Response, Router } from 'express';
import { contextOf } from '../context.ts';
import { ApiError } from '../errors.ts';
import { restContents } from './contents.ts';
import { decodeSegment, dispatcher } from './dispatch.ts';
import type { RestAnswer, RestRequest } from './dispatch.ts';

/** The REST API below `/services/data/v60.0`. Sessions are looked for before. */
export function restRoutes(): Router {
  const router = express.Router();
  const dispatch = dispatcher(restContents);
  const body = express.text({ type: () => true, limit: '50mb' });
  router.use('/services/data/:version', body, async (req, res) => {
    send(res, await dispatch(contextOf(req), requestOf(req)));
  });
  return router;
}

function requestOf(req: Request): RestRequest {
  const url = new URL(req.originalUrl.replace(/^\/+/, '/'), 'http://sandbox');
  const segments = url.pathname.split('/').filter(Boolean).slice(3).map(decodeSegment);
  const method = req.method === 'POST' ? (url.searchParams.get('_HttpMethod') ?? 'POST') : req.method;
  return { method, segments, query: url.searchParams, body: bodyOf(req) };
}

function bodyOf(req: Request): unknown {
  const text: unknown = req.body;
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  const type = req.get('content-type') ?? '';
  if (/xml|form-urlencoded|csv/.test(type))
    throw new ApiError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `Content type ${type} is not supported: send application/json`,
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(
      400,
      'JSON_PARSER_ERROR',
      error instanceof Error ? error.message : 'Unexpected character',
    );
  }
}

function send(res: Response, { status, body, headers = {} }: RestAnswer): void {
  res.status(status).set(headers);
  if (body === undefined) res.end();
  else res.json(body);
}
