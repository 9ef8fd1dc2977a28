import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

import { HOUR, MINUTE, now } from '../platform/clock.ts';
import { Expected } from '../platform/errors.ts';
import { seal, unseal } from '../platform/sealed.ts';

import * as queries from './canvas.queries.ts';
import { isSessionOf, NotStaff, salesforceClient, staffByUser } from './salesforce-sign-in.ts';

/* A Canvas app is shown inside Salesforce, where browsers send no cookies of ours. Salesforce says who looks at which record in a
   request that it signs with the app's consumer secret; for what follows, our page carries a pass of its own in its forms. */

/** Why a signed request, or a pass, is not taken. */
export type CanvasRefusal = 'notConfigured' | 'unsigned' | 'expired' | 'used' | 'anotherOrg' | 'notStaff';

/** Salesforce did not say that, or said it too long ago. */
export class Untrusted extends Expected {
  readonly reason: CanvasRefusal;
  constructor(reason: CanvasRefusal) {
    super(`a signed request was refused: ${reason}`);
    this.reason = reason;
  }
}

/** Who looks, at which record, and how they like to read. */
export interface Pass {
  personId: string;
  /** Salesforce's id of the record that the panel stands on. */
  recordId: string;
  /** As Salesforce has it: `de`, `pt_BR`. */
  language: string;
  timeZone: string;
}

const CanvasRequest = z.object({
  algorithm: z.literal('HMACSHA256'),
  issuedAt: z.number().int().nullish(),
  userId: z.string().length(18),
  client: z.object({ oauthToken: z.string().min(1).max(4000) }),
  context: z.object({
    user: z.object({ userId: z.string(), language: z.string().nullish(), timeZone: z.string().nullish() }),
    organization: z.object({ organizationId: z.string().min(15) }),
    environment: z.object({
      parameters: z.object({ recordId: z.string().optional() }).nullish(),
      record: z.object({ Id: z.string().optional() }).nullish(),
    }),
  }),
});

type CanvasRequest = z.infer<typeof CanvasRequest>;

/**
 * Takes a signed request of Salesforce's for what it says: signed by the org's own app, for a member of staff, fresh, and for the first time.
 * Where it names another server nobody listens: what has to be asked is asked of the org that Rapport is connected to.
 * @throws Untrusted; Unavailable when Salesforce has to be asked and does not answer
 */
export async function admitByCanvas(signedRequest: string): Promise<Pass> {
  const request = requestIn(signedRequest);
  const at = now();
  if (!isFresh(request.issuedAt, at)) await expectLiveSession(request);
  if (!(await queries.isMirroredOrg(request.context.organization.organizationId)))
    throw new Untrusted('anotherOrg');
  if (!(await queries.keepFirstUse(createHash('sha256').update(signedRequest).digest(), at)))
    throw new Untrusted('used');
  const { user, environment } = request.context;
  return {
    ...(await staffOf(request.userId)),
    recordId: environment.parameters?.recordId ?? environment.record?.Id ?? '',
    language: user.language ?? 'en_US',
    timeZone: user.timeZone ?? 'UTC',
  };
}

function requestIn(signedRequest: string): CanvasRequest {
  const { secret } = salesforceClient;
  if (secret === '') throw new Untrusted('notConfigured');
  const [signature = '', envelope = '', ...more] = signedRequest.split('.');
  const expected = createHmac('sha256', secret).update(envelope).digest();
  const given = Buffer.from(signature, 'base64');
  const isSigned = more.length === 0 && given.length === expected.length && timingSafeEqual(given, expected);
  const request = isSigned
    ? CanvasRequest.safeParse(maybeJson(Buffer.from(envelope, 'base64').toString('utf8'))).data
    : undefined;
  if (request === undefined || request.context.user.userId !== request.userId)
    throw new Untrusted('unsigned');
  return request;
}

function maybeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const OLDEST = 5 * MINUTE;
const CLOCKS_APART = MINUTE;
const WRAP = 2 ** 32;

/**
 * Whether a request was issued within the last five minutes. Salesforce documents `issuedAt` as for its own use; what it sends are
 * milliseconds cut to 32 bits, negative half of the time. Whole milliseconds and seconds are understood, too.
 */
function isFresh(issuedAt: number | null | undefined, at: Date): boolean {
  if (issuedAt == null) return false;
  const time = at.getTime();
  const cut = (((time - issuedAt) % WRAP) + WRAP) % WRAP;
  const ages = [time - issuedAt, time - issuedAt * 1000, cut < WRAP / 2 ? cut : cut - WRAP];
  return ages.some((age) => age >= -CLOCKS_APART && age <= OLDEST);
}

/** What says nothing about its time is as fresh as the session in it: it has to be good at this moment. */
async function expectLiveSession({ userId, client }: CanvasRequest): Promise<void> {
  if (!(await isSessionOf(userId, client.oauthToken))) throw new Untrusted('expired');
}

async function staffOf(userId: string): Promise<{ personId: string }> {
  try {
    return await staffByUser(userId, { isVerified: true });
  } catch (error) {
    throw error instanceof NotStaff ? new Untrusted('notStaff') : error;
  }
}

const Sealed = z.object({
  personId: z.guid(),
  recordId: z.string(),
  language: z.string(),
  timeZone: z.string(),
  until: z.number(),
});

/** A working day: the page may stand open in Salesforce all that time. */
const PASS_LASTS = 8 * HOUR;

/** A pass as the page carries it in its forms: sealed, so that nobody reads or changes it. */
export const sealPass = (pass: Pass): string =>
  seal(JSON.stringify({ ...pass, until: now().getTime() + PASS_LASTS }));

/** @throws Untrusted for what is no pass of ours, or one that has ended */
export function openPass(sealed: string): Pass {
  const text = unseal(sealed);
  const pass = text === undefined ? undefined : Sealed.safeParse(maybeJson(text)).data;
  if (pass === undefined) throw new Untrusted('unsigned');
  if (pass.until < now().getTime()) throw new Untrusted('expired');
  const { personId, recordId, language, timeZone } = pass;
  return { personId, recordId, language, timeZone };
}

/** Requests are remembered for so long: far past the time after which 32 bits of milliseconds begin anew. */
const REMEMBERED_DAYS = 400;

/** Forgets signed requests that nobody can use any more. */
export async function forgetPanelRequests(): Promise<void> {
  await queries.forgetRequests(new Date(now().getTime() - REMEMBERED_DAYS * 24 * HOUR));
}
