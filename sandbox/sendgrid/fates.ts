import { randomUUID } from 'node:crypto';

import { fields, list } from './validate-values.ts';

import type { Settings } from './settings.ts';

export type MailEvent = Record<string, unknown>;

/** What becomes of a mail: told at once, told when its reader does something, and what the reader asks of us. */
export interface Fate {
  now: MailEvent[];
  later: MailEvent[];
  /** The reader follows a link, or ends the subscription by the header's address: no event of SendGrid, but requests to the sender. */
  isClicking: boolean;
  isUnsubscribing: boolean;
}

interface Sent {
  request: Record<string, unknown>;
  messageId: string;
  /** Seconds since 1970. */
  timestamp: number;
  settings: Settings;
}

/**
 * What becomes of the mails of a personalization. An address that starts with `bounce` bounces, one with `dropped` is dropped, one with `blocked` is
 * blocked; the rest is chance, which is the same for the same message.
 */
export function fatesOf(personalization: Record<string, unknown>, place: number, sent: Sent): Fate[] {
  return ['to', 'cc', 'bcc'].flatMap((kind) =>
    list(personalization[kind]).map((each) => {
      const { email } = fields(each);
      return fateOf(String(email), personalization, {
        ...sent,
        chance: chances(`${sent.messageId} ${String(place)}`),
      });
    }),
  );
}

type Chance = () => number;

function fateOf(
  email: string,
  personalization: Record<string, unknown>,
  { request, messageId, timestamp, settings, chance }: Sent & { chance: Chance },
): Fate {
  const args = { ...fields(request.custom_args), ...fields(personalization.custom_args) };
  const common = {
    ...args,
    email,
    'smtp-id': `<${messageId}@sandbox>`,
    sg_message_id: `${messageId}.recvd-sandbox-1-0.0`,
    ...(request.categories === undefined ? {} : { category: request.categories }),
  };
  const event = (name: string, more: MailEvent = {}): MailEvent => ({
    ...common,
    timestamp,
    event: name,
    sg_event_id: randomUUID(),
    ...more,
  });
  const isFollowed = Object.keys(args).length > 0 && !email.endsWith('@rapport.example');
  const happens = (share: number): boolean => isFollowed && chance() < share;

  if (email.startsWith('dropped') || happens(settings.dropped))
    return ended([event('dropped', { reason: 'Bounced Address' })]);
  const way = [event('processed')];
  if (happens(settings.deferred))
    way.push(event('deferred', { response: '421 try again later', attempt: '1' }));
  if (email.startsWith('bounce') || happens(settings.bounced))
    return ended([...way, event('bounce', bounce)]);
  if (email.startsWith('blocked') || happens(settings.blocked))
    return ended([...way, event('bounce', block)]);
  way.push(event('delivered', { response: '250 2.0.0 OK' }));
  return { ...engagement({ event, happens, request, settings, timestamp }), now: way };
}

const ended = (now: MailEvent[]): Fate => ({ now, later: [], isClicking: false, isUnsubscribing: false });

const bounce = {
  type: 'bounce',
  status: '5.1.1',
  bounce_classification: 'Invalid Address',
  reason: '550 5.1.1 The email account that you tried to reach does not exist.',
};
const block = {
  type: 'blocked',
  status: '4.7.1',
  bounce_classification: 'Reputation',
  reason: '550 5.7.1 Message was blocked by the receiving server.',
};

const browser = { useragent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)', ip: '203.0.113.7' };

interface Reading {
  event: (name: string, more?: MailEvent) => MailEvent;
  happens: (share: number) => boolean;
  request: Record<string, unknown>;
  settings: Settings;
  timestamp: number;
}

/* SendGrid tells of opens and clicks only where the request or the account has it follow them. */
function engagement({ event, happens, request, settings, timestamp }: Reading): Omit<Fate, 'now'> {
  const isTracked = (what: string) => fields(fields(request.tracking_settings)[what]).enable !== false;
  const at = { timestamp: timestamp + Math.max(3, Math.round(settings.engagementDelayMs / 1000)) };
  const later: MailEvent[] = [];
  const isOpened = happens(settings.opened);
  const isMachine = isOpened && happens(settings.machineOpened);
  if (isOpened && isTracked('open_tracking'))
    later.push(event('open', { ...at, ...browser, sg_machine_open: isMachine }));
  const isClicking = isOpened && !isMachine && happens(settings.clicked);
  const clicks = isClicking && isTracked('click_tracking') ? clicksOn(firstLink(request)) : [];
  later.push(...clicks.map((click) => event('click', { ...at, ...click })));
  if (happens(settings.spamReported)) later.push(event('spamreport', at));
  return {
    later,
    isClicking: isClicking && clicks.length === 0,
    isUnsubscribing: happens(settings.unsubscribed),
  };
}

const clicksOn = (url: string | undefined) =>
  url === undefined ? [] : [{ ...browser, url, url_offset: { index: 0, type: 'html' } }];

function firstLink(request: Record<string, unknown>): string | undefined {
  const html = list(request.content)
    .map(fields)
    .find(({ type }) => type === 'text/html');
  return typeof html?.value === 'string' ? /href="(https?:[^"]+)"/.exec(html.value)?.[1] : undefined;
}

/* A small generator (mulberry32): the same numbers for the same mail. */
function chances(seed: string): Chance {
  let state = 2166136261;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
