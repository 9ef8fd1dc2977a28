import { randomUUID } from 'node:crypto';

import { DAY } from '../platform/clock.ts';

/** The kinds of message of the Segment specification. */
export const messageTypes = ['identify', 'group', 'track', 'page', 'screen', 'alias'] as const;
export type MessageType = (typeof messageTypes)[number];

/** A message as it waits to be taken in. Moments are ISO 8601, `day` is YYYY-MM-DD. */
export interface Message {
  message_id: string;
  type: MessageType;
  /** What somebody did: the event's name, or the page's. */
  action: string;
  module: string;
  /** The day of the sender's own clock, which a repetition shares. */
  day: string;
  occurred_at: string;
  user_id?: string | undefined;
  anonymous_id?: string | undefined;
  group_id?: string | undefined;
  seconds: number;
  /** What is told of the person (identify) or the account (group). */
  traits?: Record<string, unknown> | undefined;
  properties?: Record<string, unknown> | undefined;
}

/** A message that cannot be taken, with a sentence that tells its sender why. */
export class Unusable extends Error {}

/** Nothing older is kept, so nothing older is taken. */
export const KEPT_DAYS = 400;
const LONGEST_ID = 255;
const LONGEST_NAME = 200;
const MOST_SECONDS = 86_400;
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

type Given = Record<string, unknown>;

/**
 * Reads one message, whichever of the known senders wrote it. `type` is that of the address, where it has one.
 * @throws Unusable
 */
export function readMessage(given: unknown, receivedAt: Date, type?: MessageType): Message {
  if (!isRecord(given)) throw new Unusable('A message must be a JSON object.');
  const kind = typeOf(type ?? given.type);
  const context = recordOr(given.context);
  const properties = recordOr(given.properties);
  const message: Message = {
    message_id: idOf(given.messageId, 'messageId') ?? randomUUID(),
    type: kind,
    action: actionOf(kind, given, properties),
    module: moduleOf(given, properties, context),
    day: '',
    occurred_at: '',
    user_id: idOf(given.userId, 'userId'),
    anonymous_id: idOf(given.anonymousId, 'anonymousId'),
    group_id: idOf(given.groupId ?? context.groupId ?? properties.groupId, 'groupId'),
    seconds: secondsOf(properties),
    traits: traitsOf(kind, given, context),
    properties: isRecord(given.properties) ? properties : undefined,
  };
  setMoments(message, given, receivedAt);
  requireParties(message, given);
  return message;
}

/* RudderStack's browser library tells of a person in the context. */
function traitsOf(type: MessageType, given: Given, context: Given): Given | undefined {
  if (type === 'group') return recordOr(given.traits);
  return type === 'identify' ? { ...recordOr(context.traits), ...recordOr(given.traits) } : undefined;
}

function typeOf(type: unknown): MessageType {
  const known = messageTypes.find((each) => each === type);
  if (known === undefined)
    throw new Unusable(`type must be one of ${messageTypes.join(', ')}, not ${shown(type)}.`);
  return known;
}

function requireParties(message: Message, given: Given): void {
  if (message.user_id === undefined && message.anonymous_id === undefined)
    throw new Unusable('userId or anonymousId is missing: nobody is known to have done it.');
  if (message.type === 'group' && idOf(given.groupId, 'groupId') === undefined)
    throw new Unusable('groupId is missing: it names the account.');
  if (message.type !== 'alias') return;
  message.anonymous_id = idOf(given.previousId, 'previousId');
  if (message.user_id === undefined || message.anonymous_id === undefined)
    throw new Unusable('alias needs previousId and userId.');
}

function actionOf(type: MessageType, given: Given, properties: Given): string {
  if (type === 'track') {
    if (typeof given.event !== 'string' || given.event.trim() === '')
      throw new Unusable('event is missing: it names what was done.');
    return nameOf(given.event, 'event');
  }
  if (type !== 'page' && type !== 'screen') return type;
  const name = firstText(given.name, given.category, properties.path, properties.title);
  return name === undefined ? type : nameOf(name, 'name', true);
}

const moduleOf = (given: Given, properties: Given, context: Given): string => {
  const name = firstText(properties.module, given.category, properties.category, context.module);
  return name === undefined ? '' : nameOf(name, 'module', true);
};

/* A sender's clock may be wrong: how wrong shows in the moment at which it says it sends (sentAt). */
function setMoments(message: Message, given: Given, receivedAt: Date): void {
  const received = receivedAt.getTime();
  const sentAt = momentOf(given.sentAt, 'sentAt');
  const claimed = momentOf(given.originalTimestamp ?? given.timestamp, 'timestamp') ?? sentAt;
  const behind = sentAt === undefined ? 0 : received - sentAt;
  const occurred = claimed === undefined ? received : Math.min(received, claimed + behind);
  if (received - occurred > KEPT_DAYS * DAY)
    throw new Unusable(`timestamp is more than ${String(KEPT_DAYS)} days ago, longer than usage is kept.`);
  const isNear = claimed !== undefined && Math.abs(claimed - received) <= KEPT_DAYS * DAY;
  message.occurred_at = textOf(occurred);
  message.day = textOf(isNear ? claimed : received).slice(0, 10);
}

/* The messages of a request have much the same moments: what was written last is often wanted again. */
let written = { moment: NaN, text: '' };
let read = { text: '', moment: NaN };

function textOf(moment: number): string {
  if (moment !== written.moment) written = { moment, text: new Date(moment).toISOString() };
  return written.text;
}

/** In milliseconds since 1970. */
function momentOf(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value === read.text) return read.moment;
  const moment = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : NaN;
  if (!(moment >= 0 && moment <= LAST_MOMENT))
    throw new Unusable(
      `${name} must be an ISO 8601 moment such as 2026-11-22T08:30:00Z, not ${shown(value)}.`,
    );
  if (typeof value === 'string') read = { text: value, moment };
  return moment;
}

/** An id may come as a number; Segment's own clients send null for none. */
function idOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new Unusable(`${name} must be a text, not ${shown(value)}.`);
  const id = typeof value === 'string' ? value.trim() : String(value);
  if (id.length > LONGEST_ID) throw new Unusable(`${name} is longer than ${String(LONGEST_ID)} characters.`);
  return id === '' ? undefined : id;
}

function nameOf(value: string, name: string, isCut = false): string {
  const text = value.trim();
  if (text.length <= LONGEST_NAME) return text;
  if (isCut) return text.slice(0, LONGEST_NAME);
  throw new Unusable(`${name} is longer than ${String(LONGEST_NAME)} characters.`);
}

function secondsOf({ activeSeconds }: Given): number {
  if (activeSeconds === undefined || activeSeconds === null) return 0;
  if (typeof activeSeconds !== 'number' || !(activeSeconds >= 0 && activeSeconds <= MOST_SECONDS))
    throw new Unusable(`activeSeconds must be a number from 0 to ${String(MOST_SECONDS)}.`);
  return Math.round(activeSeconds);
}

function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) if (typeof value === 'string' && value.trim() !== '') return value;
  return undefined;
}

const isRecord = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const NOTHING: Given = Object.freeze({});

const recordOr = (value: unknown): Given => (isRecord(value) ? value : NOTHING);

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
