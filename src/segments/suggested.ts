import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import type { Rule } from '../rules/rules.ts';

import * as queries from './suggested.queries.ts';

/** A list that is there from the start, for everybody. */
export interface Suggestion {
  code: string;
  name: string;
  description: string;
  folder: string;
  entity: 'account' | 'person';
  rule: Rule;
  /** What it does to tags, and what it says of risk, from the start. */
  triggers?: { moment: 'entered' | 'left'; act: 'add' | 'remove'; tag: string }[];
  risk?: { level: 'red' | 'yellow' | 'green'; reason: string };
}

export const suggestions: readonly Suggestion[] = [];

/** Makes the suggested lists that were never made, and each success manager's own list of their accounts. What somebody deleted stays deleted. */
export async function makeSuggestions(): Promise<void> {
  await transaction(async (tx) => {
    for (const suggestion of await queries.missing(tx, suggestions))
      await queries.insertSuggestion(tx, suggestion, now());
    await queries.insertOwnLists(tx, now());
  });
}
