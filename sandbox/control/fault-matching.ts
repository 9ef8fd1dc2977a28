import express from 'express';

import type { Request, RequestHandler, Response } from 'express';
import type { Occasion } from '../salesforce/trouble.ts';
import type { Fault } from './faults.ts';

/** The faults that hit a request, in order; none after one that answers it. Counts the request for each that was asked. */
export async function strikesRequest(faults: Fault[], req: Request, res: Response): Promise<Fault[]> {
  const asked = faults.filter(({ effect }) => effect.rows === undefined && effect.job === undefined);
  const isApi = req.path.replace(/^\/+/, '/').startsWith('/services/data');
  if (isApi && asked.some(({ match }) => match.object !== undefined)) await readText(req, res);
  const occasion = { method: req.method, url: req.originalUrl };
  const striking: Fault[] = [];
  for (const fault of asked) {
    if (!strikes(fault, occasion, (object) => namesObject(object, req))) continue;
    striking.push(fault);
    if (answers(fault)) break;
  }
  return striking;
}

/** Whether a fault ends the request, so that those after it are not asked. */
const answers = ({ effect }: Fault) =>
  effect.drop === true || effect.status !== undefined || effect.errorCode !== undefined;

/** Counts something that may be hit, and tells whether it is. */
export function strikes(fault: Fault, occasion: Occasion, isAbout: (object: string) => boolean): boolean {
  const { method, path, object } = fault.match;
  if (method !== undefined && method.toUpperCase() !== occasion.method) return false;
  if (path !== undefined && !isOnPath(path, occasion.url)) return false;
  if (object !== undefined && !isAbout(object)) return false;
  fault.matched += 1;
  if (!isItsTurn(fault)) return false;
  fault.hits += 1;
  return true;
}

function isItsTurn({ match, matched, hits, chance }: Fault): boolean {
  const { every = 1, nth = every, probability } = match;
  if (hits >= mostHits(match) || matched < nth || (matched - nth) % every !== 0) return false;
  return probability === undefined || chance() < probability;
}

/** Who names the nth alone means that one. */
function mostHits({ nth, times, every, probability }: Fault['match']): number {
  const isOnce = nth !== undefined && every === undefined && probability === undefined;
  return times ?? (isOnce ? 1 : Infinity);
}

const isOnPath = (path: string, url: string) =>
  path.startsWith('^') ? new RegExp(path).test(url) : url.includes(path);

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
