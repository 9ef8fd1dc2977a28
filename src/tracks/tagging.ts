import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../platform/db.ts';
import { addTags, removeTags } from '../segments/tags.queries.ts';
import { tell } from '../segments/tags.ts';

import type { TagStep } from './definition.ts';

/** Sets a tag on the accounts of whoever stands at the step, or takes it off; of a tag that is there no more, nothing. */
export async function tagAccountsOf(
  tx: Tx,
  { act, tag }: TagStep,
  { people, now: at }: { people: RawBuilder<unknown>; now: Date },
): Promise<void> {
  const wanted = sql`
    select distinct w.account_id, t.name as tag, null::bigint as trigger_id, null::text as segment
    from (${people}) w join tags t on lower(t.name) = lower(${tag})`;
  const change = act === 'add' ? addTags : removeTags;
  await tell(tx, await change(tx, wanted, { by: null, at }));
}
