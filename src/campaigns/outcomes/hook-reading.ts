import { createHash } from 'node:crypto';

import { sendgridKinds } from '../../channels/sendgrid-events.ts';

/**
 * What an event of a provider comes to: read once, when it comes, so that sets of them need no more than sorting. What is missing is
 * null or false.
 */
export interface EventReading {
  id: string;
  /** As the provider calls it, where we call it otherwise or do not know it. */
  event?: string;
  kind?: string;
  /** The row of the ledger, -1 for what cannot be one; missing for a mail of no run. */
  run?: number;
  n?: number;
  /** Seconds since 1970. */
  at: number;
  machine?: true;
  /** Of a mail of no run: the ledger knows the others. */
  email?: string;
  detail?: string;
}

const LONGEST_ID = 200;
const LONGEST_DETAIL = 2_000;
const NEVER = 4_102_444_800;

/** The events of a post; undefined where it is no list in JSON. What is no event among them takes none of the others along. */
export function readEvents(body: string, receivedAt: Date): EventReading[] | undefined {
  const list = parsed(body);
  if (!Array.isArray(list)) return undefined;
  const clean = unkeepable.test(body) ? cleaned : asItIs;
  return list.map((event: unknown) =>
    readEvent(isObject(event) ? event : { unreadable: event, run: -1 }, { receivedAt, clean }),
  );
}

/* What PostgreSQL cannot keep in a text: the null character, and halves of characters. Few bodies have either. */
const unkeepable = /\\u(?:0000|d[89a-f])/i;
const cleaned = (value: string): string => value.replaceAll('\0', '').toWellFormed();
const asItIs = (value: string): string => value;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Post {
  receivedAt: Date;
  clean: (value: string) => string;
}

function readEvent(given: Fields, { receivedAt, clean }: Post): EventReading {
  const text = (value: unknown) => textOf(value, clean);
  const email = text(given.email);
  const detail = detailOf(text(given.url) ?? text(given.reason), email);
  return {
    id: text(given.sg_event_id)?.slice(0, LONGEST_ID) || idOf(given),
    ...namesOf(text(given.event) ?? '', given.type),
    ...whoseIs(given, email),
    at: momentOf(given.timestamp) ?? receivedAt.getTime() / 1000,
    ...(isTrue(given.sg_machine_open) || isTrue(given.is_machine) ? { machine: true } : {}),
    ...(detail === null ? {} : { detail }),
  };
}

function namesOf(event: string, type: unknown): Pick<EventReading, 'event' | 'kind'> {
  const kind = kindOf(event, type);
  if (kind === event) return { kind };
  return { event: event.slice(0, 100), ...(kind === undefined ? {} : { kind }) };
}

function whoseIs({ run, n }: Fields, email: string | null): Pick<EventReading, 'run' | 'n' | 'email'> {
  if (run === undefined) return email === null ? {} : { email };
  return { run: wholeNumber(run, Number.MAX_SAFE_INTEGER), n: wholeNumber(n, 2_147_483_647) };
}

/* Own sources and other channels tell in SendGrid's words, and have one of their own. */
const kinds: Readonly<Record<string, string>> = { ...sendgridKinds, dismiss: 'dismissed' };

function kindOf(event: string, type: unknown): string | undefined {
  const name = event === 'bounce' && type === 'blocked' ? 'blocked' : event;
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

/* Without an id of its own an event is known by all that it says. */
const idOf = (given: Fields): string =>
  createHash('sha256').update(JSON.stringify(given)).digest('base64url');

/** The address in a link, or the words of the server that refused it, without the address of the recipient. */
function detailOf(detail: string | null, email: string | null): string | null {
  if (detail === null) return null;
  const anonymous = email === null || email === '' ? detail : detail.replaceAll(email, '…');
  return anonymous.length > LONGEST_DETAIL ? anonymous.slice(0, LONGEST_DETAIL).toWellFormed() : anonymous;
}

function textOf(value: unknown, clean: Post['clean']): string | null {
  if (typeof value === 'string') return clean(value);
  return typeof value === 'number' ? String(value) : null;
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';

function wholeNumber(value: unknown, most: number): number {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most
    ? number
    : -1;
}

function momentOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && seconds < NEVER ? seconds : undefined;
}
