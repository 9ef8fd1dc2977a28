import type { z } from 'zod';

import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';

import type { Answer } from './channel.ts';
import { createGate } from './gate.ts';
import { untilOf } from './http-answers.ts';
import { complaintIn, say, type Said } from './sunshine.ts';

/** Why a message was not posted, which goes for others as well. */
export type Unposted = Extract<Answer, { kind: 'limited' | 'unauthorized' | 'down' }>;

/** Nothing of a message was posted: for a reason that others have as well, for one of this person's, or because its batch is over. */
export class NotPosted extends Error {
  readonly why: Unposted | { kind: 'refused'; reason: string } | { kind: 'over' };
  constructor(why: NotPosted['why']) {
    super(why.kind);
    this.why = why;
  }
}

/** Requests for one batch. */
export interface Asking {
  signal: AbortSignal;
  /** `performance.now()` after which nothing is begun. */
  deadline: number;
  /** Whether nothing more of the batch is to be begun. */
  isOver: () => boolean;
}

/** One for the whole process: however many batches are under way, the provider is one. */
const gate = createGate({ inFlight: config.SUNSHINE_IN_FLIGHT });

/** The longest that a batch waits by itself when Sunshine names a time; longer ones close the channel. */
const LONGEST_PATIENCE = 2_000;

type Answered = Extract<Said, { kind: 'answer' }>;

/** A request in its turn; again while it was too much at once. @throws NotPosted when nothing was written */
export async function ask(
  asking: Asking,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answered | Extract<Said, { kind: 'doubt' }>> {
  for (;;) {
    await takeTurn(asking);
    const { signal, deadline } = asking;
    const said = await say(method, path, { ...(body !== undefined && { body }), signal, deadline });
    const isLimited = said.kind === 'answer' && said.status === 429;
    gate.leave(isLimited ? 'limited' : isAbout(said) ? 'taken' : 'other');
    if (said.kind === 'down') throw new NotPosted({ kind: 'down', reason: said.reason });
    if (!isLimited) return said;
    const until = untilOf(said.headers);
    const isNamed = said.headers['retry-after'] !== undefined;
    if (isNamed && until.getTime() - now().getTime() > LONGEST_PATIENCE)
      throw new NotPosted({ kind: 'limited', until });
  }
}

const isAbout = (said: Said): boolean => said.kind === 'answer' && said.status < 500;

async function takeTurn({ deadline, isOver }: Asking): Promise<void> {
  if (!(await gate.enter(deadline)))
    throw new NotPosted(isOver() ? { kind: 'over' } : { kind: 'limited', until: now() });
  if (!isOver() && performance.now() <= deadline) return;
  gate.leave('other');
  throw new NotPosted({ kind: 'over' });
}

/**
 * What Sunshine says about people and conversations, which is not about the message yet. @returns undefined for the status that stands for nothing
 * @throws NotPosted
 */
export async function read<T>(
  asking: Asking,
  { method, path, body, nothing }: { method: 'GET' | 'POST'; path: string; body?: object; nothing: number },
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const said = await ask(asking, method, path, body);
  if (said.kind === 'doubt') throw new NotPosted({ kind: 'down', reason: said.reason });
  if (said.status === nothing) return undefined;
  const parsed = schema.safeParse(said.body);
  if (said.status < 300 && parsed.success) return parsed.data;
  throw new NotPosted(whyNot(said));
}

function whyNot({ status, body }: Answered): NotPosted['why'] {
  const reason = `${String(status)} ${complaintIn(body) ?? ''}`.trim();
  if (status === 401 || status === 403) return { kind: 'unauthorized', reason };
  const isTheirs = status >= 400 && status < 500 && status !== 408;
  return isTheirs ? { kind: 'refused', reason: 'address_refused' } : { kind: 'down', reason };
}
