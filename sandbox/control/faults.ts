/**
 * Told to misbehave: `POST /__sandbox__/faults` with a list of `{ match, effect }`.
 *
 * match   method; path: a part of path and query, or a regular expression when it starts with `^`; object: an sObject named in
 *         the path, the SOQL or the body; nth: the first matching request that is hit (default 1); times: how many are hit from there
 *         (default 1 with nth, else all until cleared).
 * effect  status, errorCode, message: the answer, in the form of the API that was called; latencyMs: waits first, and without a
 *         status or errorCode goes on as usual; drop: cuts the connection before any work; dropAfterCommit: does the work, then cuts
 *         the connection instead of answering.
 */
import express from 'express';
import { z } from 'zod';

import { sendFault } from '../salesforce/soap/envelope.ts';

import type { NextFunction, Request, RequestHandler, Response } from 'express';

const isPattern = (path: string) => {
  try {
    return new RegExp(path.startsWith('^') ? path : '') instanceof RegExp;
  } catch {
    return false;
  }
};

const faultForm = z.strictObject({
  match: z
    .strictObject({
      method: z.string().optional(),
      path: z.string().refine(isPattern, 'is no regular expression').optional(),
      object: z.string().optional(),
      nth: z.int().positive().optional(),
      times: z.int().positive().optional(),
    })
    .default({}),
  effect: z.strictObject({
    status: z.int().min(300).max(599).optional(),
    errorCode: z.string().optional(),
    message: z.string().optional(),
    latencyMs: z.number().min(0).max(600_000).optional(),
    drop: z.boolean().optional(),
    dropAfterCommit: z.boolean().optional(),
  }),
});

/** What the control plane takes: one fault or several. */
export const faultsForm = z.union([faultForm, z.array(faultForm)]).transform((given) => [given].flat());

type FaultForm = z.infer<typeof faultForm>;

/** A fault and how often requests have matched it, and how many of them it hit. */
export interface Fault extends FaultForm {
  id: number;
  matched: number;
  hits: number;
}

/** The faults of one org; they end with its process. */
export function createFaults() {
  let faults: Fault[] = [];
  let next = 1;
  return {
    list: (): Fault[] => faults,
    add(forms: FaultForm[]): Fault[] {
      const added = forms.map((form) => ({ ...form, id: next++, matched: 0, hits: 0 }));
      faults = [...faults, ...added];
      return added;
    },
    clear(): void {
      faults = [];
    },
    middleware: async (req: Request, res: Response, done: NextFunction): Promise<void> => {
      if (faults.length === 0 || req.path.startsWith('/__sandbox__')) {
        done();
        return;
      }
      if (req.path.startsWith('/services/data') && faults.some(({ match }) => match.object !== undefined))
        await readText(req, res);
      const fault = faults.find((each) => strikes(each, req));
      if (fault) await misbehave(fault, req, res, done);
      else done();
    },
  };
}

const parseText: RequestHandler = express.text({ type: 'json', limit: '80mb' });

/** The body of a REST request is read early only when a fault asks which object it names; routes find it as text. */
function readText(req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const parsed = (error?: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve();
    };
    void parseText(req, res, parsed);
  });
}

/** Counts the request for the fault, and tells whether it is hit. */
function strikes(fault: Fault, req: Request): boolean {
  if (!matches(fault.match, req)) return false;
  fault.matched += 1;
  const { nth, times } = fault.match;
  const first = nth ?? 1;
  const last = first + (times ?? (nth === undefined ? Infinity : 1)) - 1;
  if (fault.matched < first || fault.matched > last) return false;
  fault.hits += 1;
  return true;
}

function matches({ method, path, object }: Fault['match'], req: Request): boolean {
  if (method !== undefined && method.toUpperCase() !== req.method) return false;
  if (path !== undefined && !isOnPath(path, req.originalUrl)) return false;
  return object === undefined || namesObject(object, req);
}

const isOnPath = (path: string, url: string) =>
  path.startsWith('^') ? new RegExp(path).test(url) : url.includes(path);

function namesObject(object: string, req: Request): boolean {
  const name = object.replace(/\W/g, '');
  const address = req.originalUrl.replace(/\+|%20/g, ' ');
  if (new RegExp(`/sobjects/${name}(?=[/?]|$)|\\bfrom\\s+${name}\\b`, 'i').test(address)) return true;
  const body = typeof req.body === 'string' ? req.body : '';
  return new RegExp(
    `"(type|object)"\\s*:\\s*"${name}"|/sobjects/${name}(?=[/?"])|\\bfrom\\s+${name}\\b`,
    'i',
  ).test(body);
}

async function misbehave({ effect }: Fault, req: Request, res: Response, done: NextFunction): Promise<void> {
  if (effect.latencyMs !== undefined) await new Promise((wake) => setTimeout(wake, effect.latencyMs));
  if (effect.drop) req.socket.destroy();
  else if (effect.dropAfterCommit) {
    cutInsteadOfAnswer(req, res);
    done();
  } else if (effect.status === undefined && effect.errorCode === undefined) done();
  else refuse(effect, req, res);
}

function cutInsteadOfAnswer(req: Request, res: Response): void {
  const cut = () => {
    req.socket.destroy();
    return res;
  };
  Object.assign(res, { writeHead: cut, write: () => (cut(), false), end: cut, flushHeaders: cut });
}

const known: Record<string, { status: number; message: string }> = {
  INVALID_SESSION_ID: { status: 401, message: 'Session expired or invalid' },
  REQUEST_LIMIT_EXCEEDED: { status: 403, message: 'TotalRequests Limit exceeded.' },
  UNABLE_TO_LOCK_ROW: { status: 400, message: 'unable to obtain exclusive access to this record' },
  QUERY_TIMEOUT: { status: 400, message: 'Your query request was running for too long.' },
  SERVER_UNAVAILABLE: {
    status: 503,
    message: 'We are experiencing technical difficulties. Please try again later.',
  },
  UNKNOWN_EXCEPTION: {
    status: 500,
    message:
      'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)',
  },
};

const codeOfStatus: Record<number, string> = {
  401: 'INVALID_SESSION_ID',
  403: 'REQUEST_LIMIT_EXCEEDED',
  503: 'SERVER_UNAVAILABLE',
};

function refuse(effect: Fault['effect'], req: Request, res: Response): void {
  const { errorCode, status, message } = refusalOf(effect);
  if (effect.errorCode === undefined && (status === 502 || status === 504)) sendHtml(res, status);
  else if (req.path.startsWith('/services/Soap'))
    sendFault(res, `sf:${errorCode}`, `${errorCode}: ${message}`);
  else res.status(status).json(bodyFor(req.path, errorCode, message));
}

/** What a fault leaves open follows from what it gives. */
function refusalOf(effect: Fault['effect']): { errorCode: string; status: number; message: string } {
  const errorCode = effect.errorCode ?? codeOfStatus[effect.status ?? 500] ?? 'UNKNOWN_EXCEPTION';
  const usual = known[errorCode] ?? { status: 400, message: errorCode };
  return { errorCode, status: effect.status ?? usual.status, message: effect.message ?? usual.message };
}

function bodyFor(path: string, errorCode: string, message: string): unknown {
  if (path.startsWith('/sendgrid')) return { errors: [{ message, field: null, help: null }] };
  if (path.startsWith('/services/oauth2')) return { error: errorCode, error_description: message };
  return [{ message, errorCode }];
}

/** What stands between a client and the org answers in its own words. */
function sendHtml(res: Response, status: number): void {
  const title = status === 502 ? '502 Bad Gateway' : '504 Gateway Time-out';
  res
    .status(status)
    .type('html')
    .send(`<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`);
}
