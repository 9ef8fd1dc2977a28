import { createHash, randomBytes } from 'node:crypto';

import { generateSecret, generateURI, verify } from 'otplib';

import { config } from '../platform/config.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict, Expected, Invalid } from '../platform/errors.ts';
import { sendMail } from '../platform/mail.ts';
import { seal, unseal } from '../platform/sealed.ts';

import { countOne, forget } from './limits.ts';
import {
  confirmFactor,
  countRecoveryCodes,
  deleteFactor,
  insertRecoveryCodes,
  maybeFactor,
  savePendingFactor,
  takeRecoveryCode,
  takeStep,
} from './second-factor.queries.ts';
import { noteSecurity, type Origin } from './security-events.ts';

/** The code is wrong, too old, or was used before. */
export class WrongCode extends Expected {}

/** What somebody sees who sets up an authenticator app. */
export interface Enrolment {
  secret: string;
  /** For the QR code: otpauth://… */
  uri: string;
}

/** A code holds for its 30 seconds, and 30 more either side for clocks that differ (ASVS v5.0.0-6.5.5). */
const TOLERANCE_SECONDS = 30;
const RECOVERY_CODES = 10;

/**
 * Begins, or goes on with, setting up an authenticator app. It counts from the first right code on.
 * @throws Conflict when one is set up already.
 */
export async function beginEnrolment({
  personId,
  email,
}: {
  personId: string;
  email: string;
}): Promise<Enrolment> {
  const factor = await maybeFactor(personId);
  if (factor?.isConfirmed) throw new Conflict();
  const pending = factor && unseal(factor.sealedSecret);
  const secret = pending ?? generateSecret({ length: 20 });
  if (pending === undefined) await savePendingFactor(personId, seal(secret));
  return { secret, uri: generateURI({ issuer: config.BRAND_NAME, label: email, secret }) };
}

/**
 * Ends setting up with a first code, and gives the recovery codes: this once, then only their digests are kept.
 * @throws WrongCode; TooMany after several.
 */
export async function confirmEnrolment(personId: string, code: string, origin: Origin): Promise<string[]> {
  await requireCode(personId, code, origin);
  const codes = newRecoveryCodes();
  await transaction(async (tx) => {
    await confirmFactor(tx, personId, now());
    await insertRecoveryCodes(tx, personId, codes.map(digest));
    await noteSecurity('second-factor-added', origin, personId, tx);
    await sendMail(tx, {
      to: { personId },
      template: 'second-factor-added',
      data: { path: '/account/security' },
    });
  });
  return codes;
}

/**
 * Takes a code of the app, or a recovery code. Each counts once.
 * @throws WrongCode; TooMany after several.
 */
export async function passSecondFactor(personId: string, code: string, origin: Origin): Promise<void> {
  if (/^\s*\d{3}\s?\d{3}\s*$/.test(code)) await requireCode(personId, code, origin);
  else await requireRecoveryCode(personId, code, origin);
}

/** New recovery codes in place of the old ones. */
export async function renewRecoveryCodes(personId: string, origin: Origin): Promise<string[]> {
  const codes = newRecoveryCodes();
  await transaction(async (tx) => {
    await insertRecoveryCodes(tx, personId, codes.map(digest));
    await noteSecurity('recovery-codes-renewed', origin, personId, tx);
  });
  return codes;
}

/** Takes the authenticator app away again. Who may ask is decided before. */
export async function removeSecondFactor(personId: string, origin: Origin): Promise<void> {
  await transaction(async (tx) => {
    await deleteFactor(tx, personId);
    await noteSecurity('second-factor-removed', origin, personId, tx);
    await sendMail(tx, {
      to: { personId },
      template: 'second-factor-removed',
      data: { path: '/account/security' },
    });
  });
}

/** Whether an app is set up, and how many recovery codes are left. */
export async function secondFactorOf(personId: string): Promise<{ isSetUp: boolean; recoveryCodes: number }> {
  const factor = await maybeFactor(personId);
  return { isSetUp: factor?.isConfirmed ?? false, recoveryCodes: await countRecoveryCodes(personId) };
}

async function requireCode(personId: string, code: string, origin: Origin): Promise<void> {
  await countOne('code', personId);
  const factor = await maybeFactor(personId);
  const secret = factor && unseal(factor.sealedSecret);
  const step = secret === undefined ? undefined : await stepOf(secret, code.replaceAll(/\s/g, ''));
  if (step === undefined || !(await takeStep(personId, step))) await refuseCode(personId, origin);
  await forget('code', personId);
}

/** The time step that a code belongs to, if it is right now. */
async function stepOf(secret: string, token: string): Promise<number | undefined> {
  if (!/^\d{6}$/.test(token)) return undefined;
  const epoch = Math.floor(now().getTime() / 1000);
  const result = await verify({ secret, token, epoch, epochTolerance: TOLERANCE_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}

async function requireRecoveryCode(personId: string, code: string, origin: Origin): Promise<void> {
  await countOne('code', personId);
  if (!(await takeRecoveryCode(personId, digest(code), now()))) await refuseCode(personId, origin);
  await forget('code', personId);
  await noteSecurity('recovery-code-used', origin, personId);
}

async function refuseCode(personId: string, origin: Origin): Promise<never> {
  await noteSecurity('code-failed', origin, personId);
  throw new WrongCode();
}

/** @throws Invalid naming `code` where passSecondFactor throws WrongCode, for forms. */
export async function asInvalidCode<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw error instanceof WrongCode ? new Invalid({ code: 'errors.codeWrong' }) : error;
  });
}

/* 80 bits each, in letters and digits that nobody confuses. */
function newRecoveryCodes(): string[] {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'.padEnd(32, 'z');
  return Array.from({ length: RECOVERY_CODES }, () =>
    [...randomBytes(16)]
      .map((byte) => letters[byte & 31])
      .join('')
      .replaceAll(/(.{4})(?=.)/g, '$1-'),
  );
}

const digest = (code: string) =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
    .digest();
