import express from 'express';

import { icon } from '../pages/icons.ts';

import type { Request, Response, Router } from 'express';

/** A message as it stands in the channel. */
interface Posted {
  at: Date;
  /** Paragraphs of Slack's markup, cut into what is plain, bold and linked. */
  paragraphs: Piece[][];
  headers: { name: string; value: string }[];
}

interface Piece {
  text: string;
  href?: string;
  isBold?: true;
}

/** Held in memory: a channel's last messages are gone with the process. */
const MOST = 100;

/**
 * A stand-in for Slack's incoming webhooks: any address under `/slack/services/` takes messages as Slack does and answers in its
 * words; `/slack` shows them as a channel would.
 */
export function slackRoutes(): Router {
  const posted: Posted[] = [];
  const router = express.Router();
  router.post('/slack/services/*path', express.text({ type: () => true, limit: '1mb' }), (req, res) => {
    const refusal = take(req, posted);
    if (refusal === undefined) res.type('text/plain').send('ok');
    else res.status(400).type('text/plain').send(refusal);
  });
  router.get('/slack', (_req: Request, res: Response) => {
    res.set(
      'content-security-policy',
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'",
    );
    res.render('slack/channel', { posted: posted.toReversed(), icon });
  });
  return router;
}

/** @returns Slack's word for what is wrong, if anything is. */
function take(req: Request, posted: Posted[]): string | undefined {
  const message = jsonOf(req.body as unknown);
  if (message === undefined) return 'invalid_payload';
  const texts = textsOf(message);
  if (texts.length === 0) return 'no_text';
  posted.push({ at: new Date(), paragraphs: texts.map(piecesOf), headers: signatureOf(req) });
  posted.splice(0, Math.max(0, posted.length - MOST));
  return undefined;
}

function jsonOf(body: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What blocks say, else the text, as Slack shows it. */
function textsOf({ text, blocks }: Record<string, unknown>): string[] {
  const said = Array.isArray(blocks)
    ? (blocks as { text?: { text?: unknown } }[]).map((block) => block.text?.text).filter((one) => typeof one === 'string')
    : []; // prettier-ignore
  if (said.length > 0) return said;
  return typeof text === 'string' && text !== '' ? [text] : [];
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** `<https://…|words>` is a link, `*words*` is bold; the rest is as it stands. */
function piecesOf(text: string): Piece[] {
  return text
    .split(/(<https?:[^>]+>|\*[^*\n]+\*)/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, href, words] = /^<([^|>]+)(?:\|([^>]*))?>$/.exec(part) ?? [];
      if (href !== undefined) return { text: unescaped(words ?? href), href };
      const [, bold] = /^\*([^*]+)\*$/.exec(part) ?? [];
      return bold === undefined
        ? { text: unescaped(part) }
        : { text: unescaped(bold), isBold: true as const };
    });
}

const signatureOf = (req: Request): Posted['headers'] =>
  ['x-rapport-delivery', 'x-rapport-request-timestamp', 'x-rapport-signature'].flatMap((name) => {
    const value = req.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
