import { createHash } from 'node:crypto';

import { sendgridKinds } from '../channels/sendgrid-events.ts';

import { flagOf, outcomes, type Outcome } from './outcomes.ts';

/** What an event of a provider comes to: read once, when it comes, so that sets of them need no more than sorting. */
export interface EventReading {
  id: string;
  /** As the provider calls it, and what that is to us: null for what we do not know. */
  event: string;
  kind: string | null;
  /** Of its outcome in `deliveries.flags`; 0 for none. */
  bit: number;
  /** The row of the ledger: null for a mail of no run; -1 for what cannot be one. */
  run: number | null;
  n: number;
  /** Seconds since 1970. */
  at: number;
  machine: boolean;
  email: string | null;
  detail: string | null;
  /** In its post. */
  place: number;
}

const LONGEST_ID = 200;
const LONGEST_DETAIL = 2_000;
const NEVER = 4_102_444_800;

/** The events of a post; undefined where it is no list of objects in JSON. */
export function readEvents(body: string, receivedAt: Date): EventReading[] | undefined {
  const list = parsed(body);
  if (!Array.isArray(list) || !list.every(isObject)) return undefined;
  return list.map((event, place) => readEvent(event, place, receivedAt));
}

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

function readEvent(given: Fields, place: number, receivedAt: Date): EventReading {
  const event = text(given.event) ?? '';
  const kind = kindOf(event, given.type);
  const email = text(given.email);
  return {
    id: idOf(given),
    event: event.slice(0, 100),
    kind,
    bit: kind !== null && isOutcome(kind) ? flagOf(kind) : 0,
    run: given.run === undefined ? null : wholeNumber(given.run, Number.MAX_SAFE_INTEGER),
    n: wholeNumber(given.n, 2_147_483_647),
    at: momentOf(given.timestamp) ?? receivedAt.getTime() / 1000,
    machine: isTrue(given.sg_machine_open) || isTrue(given.is_machine),
    email,
    detail: detailOf(given, email),
    place,
  };
}

function kindOf(event: string, type: unknown): string | null {
  const name = event === 'bounce' && type === 'blocked' ? 'blocked' : event;
  return Object.hasOwn(sendgridKinds, name) ? (sendgridKinds[name] ?? null) : null;
}

const isOutcome = (kind: string): kind is Outcome => (outcomes as readonly string[]).includes(kind);

/* Without an id of its own an event is known by all that it says. */
function idOf(given: Fields): string {
  const id = text(given.sg_event_id)?.slice(0, LONGEST_ID);
  return id === undefined || id === null || id === ''
    ? createHash('sha256').update(JSON.stringify(given)).digest('base64url')
    : id;
}

/** The address in a link, or the words of the server that refused it, without the address of the recipient. */
function detailOf({ url, reason }: Fields, email: string | null): string | null {
  const detail = text(url) ?? text(reason);
  if (detail === null) return null;
  const anonymous = email === null || email === '' ? detail : detail.replaceAll(email, '…');
  return anonymous.slice(0, LONGEST_DETAIL).toWellFormed();
}

const clean = (value: string): string => value.replaceAll('\0', '').toWellFormed();

/* As PostgreSQL can keep it: whole characters, none of them null. */
function text(value: unknown): string | null {
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
