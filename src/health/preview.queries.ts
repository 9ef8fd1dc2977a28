import type { RawBuilder } from 'kysely';

import { notRemoved } from '../accounts/removals.ts';
import { sql, type Db } from '../platform/db.ts';

import { judgement } from './judgement.queries.ts';
import type { Coverage, Moved } from './preview.ts';
import { profiled } from './profiled.queries.ts';
import type { Rank } from './ranks.ts';
import { kindOf, readingNames } from './readings.ts';
import { type Judges, readNames } from './snapshots.queries.ts';

type Condition = RawBuilder<boolean>;

interface Counted {
  from: Rank | null;
  to: Rank;
  byProfile: number;
  accounts: number;
}

const EXAMPLES = 12;

/** Everybody's rank by these profiles beside the one they have, counted, with those that would move furthest. */
export async function selectPreview(
  tx: Db,
  scope: Condition,
  { today, profiles, catalog }: Judges & { today: string },
): Promise<{ counts: Counted[]; examples: Moved[] }> {
  const { rows } = await sql<{ counts: Counted[] | null; examples: Moved[] | null }>`
    with reading as (
      select account_id, status, ${sql.join(readNames.map((name) => sql.ref(name)))} from health
      where status = 'paying' and ${notRemoved('health.account_id')} and ${scope}
    ), ${profiled(profiles, { today, catalog })}, ${judgement(profiles, today, 'ranks alone')},
    compared as materialized (
      select j.account_id, h.rank as old_rank, h.score as old_score, j.rank, j.score, j.profile_id
      from judged j join health h on h.account_id = j.account_id
    ),
    furthest as (
      select c.*, a.name from compared c join accounts a on a.id = c.account_id where c.rank is distinct from c.old_rank
      order by abs(c.score - c.old_score) desc nulls last, c.account_id limit ${EXAMPLES}
    )
    select (select json_agg(json_build_object('from', old_rank, 'to', rank, 'byProfile', profile_id, 'accounts', accounts))
            from (select old_rank, rank, profile_id, count(*) as accounts from compared group by 1, 2, 3) counted) as counts,
           (select json_agg(json_build_object('accountId', account_id, 'name', name, 'from', old_rank, 'fromScore', old_score,
                                              'to', rank, 'toScore', score) order by abs(score - old_score) desc nulls last, account_id)
            from furthest) as examples`.execute(tx);
  const [{ counts, examples } = { counts: null, examples: null }] = rows;
  return { counts: counts ?? [], examples: examples ?? [] };
}

export async function selectCoverage(tx: Db, scope: Condition): Promise<Coverage> {
  const known = readingNames.flatMap((name) => [
    sql.lit(name),
    kindOf(name).absent === 'fine' ? sql`count(*)` : sql`count(${sql.ref(name)})`,
  ]);
  const { rows } = await sql<Coverage>`
    select count(*)::int as paying, json_build_object(${sql.join(known)}) as known
    from health where status = 'paying' and ${notRemoved('health.account_id')} and ${scope}`.execute(tx);
  const [found] = rows;
  if (found === undefined) throw new Error('the coverage was not counted');
  return found;
}
