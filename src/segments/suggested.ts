import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';

import * as queries from './suggested.queries.ts';
import { suggestions } from './suggestions.ts';

/** Makes the suggested lists that were never made, and each success manager's own list of their accounts. What somebody deleted stays deleted. */
export async function makeSuggestions(): Promise<void> {
  await transaction(async (tx) => {
    for (const suggestion of await queries.missing(tx, suggestions))
      await queries.insertSuggestion(tx, suggestion, now());
    await queries.insertOwnLists(tx, now());
  });
}
