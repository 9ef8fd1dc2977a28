import express from 'express';

import { bearerOf } from '../../auth/sessions.ts';
import { answerBatch } from './messages.ts';

import type { Request as HttpRequest, Response, Router } from 'express';
import type { Org } from '../../context.ts';
import type { Clients } from './clients.ts';
import type { Request } from './messages.ts';

/** CometD at `/cometd/60.0`: long polling, and nothing else. */
export function cometdRoutes(org: Org, clients: Clients): Router {
  const router = express.Router();
  router.use(
    /^\/cometd(\/replay)?\/\d\d\.\d/,
    express.text({ type: () => true, limit: '1mb' }),
    async (req, res) => {
      const batch = req.method === 'POST' ? batchOf(req.body) : undefined;
      if (!batch) res.status(400).type('text/plain').send('Unknown Bayeux Transport');
      else await answer(req, res, { org, clients, batch });
    },
  );
  return router;
}

interface Asked {
  org: Org;
  clients: Clients;
  batch: Request[];
}

async function answer(req: HttpRequest, res: Response, { org, clients, batch }: Asked): Promise<void> {
  const hangUp = new AbortController();
  res.once('close', () => {
    hangUp.abort();
  });
  const sender = {
    sessionId: bearerOf(req),
    browser: /(?:^|;\s*)BAYEUX_BROWSER=([^;]+)/.exec(req.headers.cookie ?? '')?.[1],
    gone: hangUp.signal,
    cut: () => req.socket.destroy(),
    setBrowser: (browser: string) => res.cookie('BAYEUX_BROWSER', browser, { path: '/cometd/', httpOnly: true }),
  }; // prettier-ignore
  const replies = await answerBatch({ org, clients, sender }, batch);
  res.set('Cache-Control', 'no-cache').json(replies);
}

/** A batch is a list of messages; undefined for anything else. */
function batchOf(body: unknown): Request[] | undefined {
  if (typeof body !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    const list = Array.isArray(parsed) ? parsed : [parsed];
    return list.every((each) => typeof each === 'object' && each !== null) ? (list as Request[]) : undefined;
  } catch {
    return undefined;
  }
}
