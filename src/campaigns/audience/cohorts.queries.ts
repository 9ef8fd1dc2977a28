import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../../platform/db.ts';
import { compileAll } from '../../rules/compile.ts';
import type { Rule } from '../../rules/rules.ts';

import { cohortNames, type Rollout, rulesOf } from '../definition/rollout.ts';
import type { Asked } from './staging.queries.ts';

/**
 * Says of everybody who is left in which cohort they are, by its number: `plan_cohorts`. All rules are asked in one statement; one that is not
 * known of somebody does not hold them.
 */
export async function stageCohorts(
  tx: Tx,
  { catalog, now }: Asked,
  { rollout, campaignId }: { rollout: Rollout; campaignId: string },
): Promise<void> {
  const rules = rulesOf(rollout);
  const { sources, conditions } = compileAll(
    rules.map(({ rule }) => rule as Rule),
    {
      entity: 'person',
      catalog,
      today: now.toISOString().slice(0, 10),
      among: sql`select account_id from plan_people`,
    },
  );
  const byPlace = new Map(rules.map(({ place }, i) => [place, conditions[i] ?? sql<boolean>`false`]));
  await sql`
    create temporary table plan_cohorts on commit drop as
    select c.person_id, case ${cases(rollout, { byPlace, campaignId })} else ${rollout.cohorts.length + 1}::int end::smallint as cohort
    from plan_people c join account_people p on p.id = c.person_id join accounts a on a.id = p.account_id ${sources}
    where not exists (select from plan_refused r where r.person_id = c.person_id)`.execute(tx);
  await sql`analyze plan_cohorts`.execute(tx);
}

/** The first that holds has them. Each lot is drawn from the same number of a human, so that shares add up. */
function cases(
  { cohorts }: Rollout,
  { byPlace, campaignId }: { byPlace: ReadonlyMap<number, RawBuilder<boolean>>; campaignId: string },
): RawBuilder<unknown> {
  let drawn = 0;
  const whens = cohorts.map(({ holds }, place) => {
    if (holds.kind === 'share') drawn += holds.percent;
    const condition = byPlace.get(place) ?? sql<boolean>`${lotOf(campaignId)} < ${drawn / 100}::float8`;
    return sql`when ${condition} then ${place + 1}::int`;
  });
  return sql.join(whens, sql` `);
}

/** 0 to 1: the same for a human and a campaign for ever, and as unrelated to holdout and variant as these are to each other. */
const lotOf = (campaignId: string): RawBuilder<number> =>
  sql<number>`((hashtextextended(${`cohort:${campaignId}:`} || c.address, 0) & 1048575) / 1048576.0)`;

/** The cohorts by their names, with how many each holds, in their order. */
export async function countCohorts(tx: Tx, rollout: Rollout): Promise<{ name: string; people: number }[]> {
  const { rows } = await sql<{ name: string; people: number }>`${counted(rollout)} order by number`.execute(
    tx,
  );
  return rows.map(({ name, people }) => ({ name, people }));
}

/** Writes down the cohorts of a run. */
export async function writeCohorts(tx: Tx, runId: number, rollout: Rollout): Promise<void> {
  await sql`
    insert into run_cohorts (run_id, cohort, name, people)
    select ${runId}::bigint, number, name, people from (${counted(rollout)}) counted`.execute(tx);
}

const counted = (rollout: Rollout): RawBuilder<unknown> => sql`
  select named.number::smallint as number, named.name, coalesce(k.people, 0)::int as people
  from unnest(${cohortNames(rollout)}::text[]) with ordinality as named (name, number)
  left join (select cohort, count(*) as people from plan_cohorts group by cohort) k on k.cohort = named.number`;
