import { forStaff, type Viewer } from '../access/viewer.ts';
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
 * What a rule would select of what the viewer may see: staff alone see anything.
 * @throws Unavailable when it takes longer than four seconds
 */
export async function previewRule(viewer: Viewer, rule: Rule, question: Question): Promise<Preview> {
  try {
    return await countAndSample(rule, question, { scope: forStaff(viewer), limit: 8, milliseconds: LONGEST });
  } catch (error) {
    if (isTimeout(error)) throw new Unavailable('the preview took too long', { cause: error });
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014';
