import { randomUUID } from 'node:crypto';

import { now } from '../../platform/clock.ts';
import { config } from '../../platform/config.ts';
import { isDatabaseTrouble } from '../../platform/db.ts';
import { log } from '../../platform/log.ts';

import { keepHook } from './hook-inbox.ts';
import { readClick, readOpen, type DeliveryKey } from '../mailing/links.ts';
import * as queries from '../mailing/links.queries.ts';

/** Programs that say of themselves that they look through mails. Those that do not are told apart by what they do (A14). */
const machines =
  /bot\b|crawl|spider|scanner|preview|barracuda|mimecast|proofpoint|symantec|curl|wget|python|headless/i;

/** Where a tracked link leads; undefined for a token that we did not make. That somebody followed it is kept. */
export async function followLink(token: string, userAgent: string): Promise<string | undefined> {
  const click = readClick(token);
  if (click === undefined) return undefined;
  const url = await addressOf(click.link);
  if (url === undefined) return undefined;
  const isTrap = click.link === 'trap';
  await note(click, {
    event: 'click',
    url: isTrap ? 'trap' : url,
    is_machine: isTrap || machines.test(userAgent),
  });
  return url;
}

/** Keeps that a mail was opened. @returns whether the token is ours */
export async function noteOpen(token: string, userAgent: string): Promise<boolean> {
  const delivery = readOpen(token);
  if (delivery === undefined) return false;
  await note(delivery, { event: 'open', is_machine: machines.test(userAgent) });
  return true;
}

async function addressOf(link: number | string): Promise<string | undefined> {
  if (link === 'trap') return config.publicUrl;
  const url = typeof link === 'number' ? await registered(link) : link;
  return url !== undefined && /^https?:\/\//i.test(url) ? url : undefined;
}

const known = new Map<number, string>();
const MOST_KNOWN = 5_000;

/* A link's address never changes: a mail that many open at once asks the database once. */
async function registered(link: number): Promise<string | undefined> {
  const url = known.get(link) ?? (await queries.selectLink(link));
  if (known.size >= MOST_KNOWN) known.clear();
  if (url !== undefined) known.set(link, url);
  return url;
}

/** Whoever clicks gets where they want to, even if that cannot be kept. Test mails are of no run: nothing is kept of them. */
async function note({ runId, n }: DeliveryKey, event: Record<string, unknown>): Promise<void> {
  if (runId === 0) return;
  const timestamp = now().getTime() / 1000;
  const whole = { sg_event_id: randomUUID(), timestamp, run: String(runId), n: String(n), ...event };
  try {
    await keepHook('links', JSON.stringify([whole]));
  } catch (error) {
    if (!isDatabaseTrouble(error)) throw error;
    log.error({ err: error }, 'a click or an open was lost: the database does not answer');
  }
}
