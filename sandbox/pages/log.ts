import type { Request, Response } from 'express';

import { loggedRequests, maybeLoggedRequest, type LogFilter } from '../control/log.ts';
import type { Org } from '../salesforce/context.ts';
import { icon } from './icons.ts';
import { formatter } from './values.ts';

const PAGE = 100;

/** GET /log: what programs asked of the org's APIs, the newest first. */
export function showLog(org: Org) {
  return async (req: Request, res: Response): Promise<void> => {
    const text = (name: string) => {
      const value = req.query[name];
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    const asked = {
      path: text('path'),
      method: text('method'),
      username: text('username'),
      failed: text('failed'),
    };
    const filter: LogFilter = {
      path: asked.path,
      method: asked.method,
      username: asked.username,
      isFailed: asked.failed === 'yes',
      before: Number(text('before')) || undefined,
      limit: PAGE,
    };
    const requests = await loggedRequests(org.pool, filter);
    const older = requests.length === PAGE ? olderLink(asked, requests.at(-1)?.id) : undefined;
    res.render('crm/log', { requests, asked, older, icon, format: formatter('UTC', new Date()) });
  };
}

function olderLink(asked: Record<string, string | undefined>, before: number | undefined): string {
  const query = new URLSearchParams({ before: String(before) });
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value);
  return `/log?${query.toString()}`;
}

/** GET /log/:id: one request with what was asked and answered. */
export function showLoggedRequest(org: Org) {
  return async (req: Request, res: Response): Promise<void> => {
    const request = await maybeLoggedRequest(org.pool, Number(req.params.id) || 0);
    if (!request) {
      res.status(404).render('crm/missing', { icon });
      return;
    }
    const bodies = [
      { title: 'Request', text: pretty(request.request), bytes: request.requestBytes },
      { title: 'Answer', text: pretty(request.response), bytes: request.responseBytes },
    ];
    res.render('crm/log-entry', { request, bodies, icon });
  };
}

/** JSON indented; anything else as it came, and JSON too that was cut off. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
