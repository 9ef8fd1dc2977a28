import type { RawBuilder } from 'kysely';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { sql } from '../platform/db.ts';
import { Unavailable } from '../platform/errors.ts';

import type { Question } from './compile.ts';
import { countAndSample, type Sampled } from './queries.ts';
import type { Rule } from './rules.ts';

export type { Sampled } from './queries.ts';

/** How many a rule selects now, and some of them. */
export interface Preview {
  count: number;
  sample: Sampled[];
}

/** A preview answers while somebody types, or not at all. */
const LONGEST = 4_000;

/**
 * What a rule would select of what the viewer may see: staff alone see anything. It ends early when the signal says that nobody
 * waits for it any more. `where` keeps it to some of them.
 * @throws Unavailable when it was ended, or takes longer than four seconds
 */
export async function previewRule(
  viewer: Viewer,
  rule: Rule,
  { where, ...question }: Question & { where?: RawBuilder<boolean> },
  signal?: AbortSignal,
): Promise<Preview> {
  const scope = where === undefined ? forStaff(viewer) : sql<boolean>`(${forStaff(viewer)} and ${where})`;
  const limits = { scope, limit: 8, milliseconds: LONGEST, signal };
  try {
    return await countAndSample(rule, question, limits);
  } catch (error) {
    if (isTimeout(error)) throw new Unavailable('the preview took too long', { cause: error });
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014';
