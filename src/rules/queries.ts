import type { RawBuilder } from 'kysely';

import { db, sql, transaction } from '../platform/db.ts';

import { compileValues, existing, type Question, selecting, subjects } from './compile.ts';
import type { Leaf } from './explain.ts';
import type { Condition, Rule } from './rules.ts';

interface One {
  id: string;
  question: Omit<Question, 'among'>;
  scope: RawBuilder<boolean>;
}

/** What each condition says of one account or person; undefined when there is none. */
export async function selectLeaves(
  conditions: readonly Condition[],
  { id, question, scope }: One,
): Promise<Leaf[] | undefined> {
  const isPerson = question.entity === 'person';
  const among = isPerson
    ? sql`select account_id from account_people where id::text = ${id}`
    : sql`select ${id}::text`;
  const { sources, values, holds } = compileValues(conditions, { ...question, among });
  const answers = values.map(
    (value, i) => sql`jsonb_build_object('value', to_jsonb(${value}), 'holds', ${holds[i] ?? sql`null`})`,
  );
  const { rows } = await sql<{ leaves: Leaf[] }>`
    select array[${sql.join(answers)}]::jsonb[] as leaves from ${subjects(question.entity)} ${sources}
    where ${isPerson ? sql`p.id::text = ${id}` : sql`a.id = ${id}`} and ${existing({ among })} and ${scope}`.execute(
    db,
  );
  return rows[0]?.leaves;
}

/** Somebody that a rule selects, as a sample. */
export interface Sampled {
  id: string;
  name: string;
  accountId: string;
  accountName: string;
}

/** How many a rule selects, and the first of them by name, within that time. */
export async function countAndSample(
  rule: Rule,
  question: Question,
  { scope, limit, milliseconds }: { scope: RawBuilder<boolean>; limit: number; milliseconds: number },
): Promise<{ count: number; sample: Sampled[] }> {
  return await transaction(async (tx) => {
    await sql`select set_config('statement_timeout', ${String(milliseconds)}, true)`.execute(tx);
    const named = question.entity === 'person' ? sql`account_people` : sql`accounts`;
    const account = question.entity === 'person' ? sql`n.account_id` : sql`n.id`;
    const { rows } = await sql<{ count: number; sample: Sampled[] | null }>`
      with selected as materialized (${selecting(rule, question, scope)}),
      sampled as (
        select n.id::text as id, n.name, a.id as "accountId", a.name as "accountName"
        from selected join ${named} n on n.id = selected.id join accounts a on a.id = ${account}
        order by lower(n.name), n.id limit ${limit})
      select (select count(*) from selected)::int as count, (select json_agg(sampled) from sampled) as sample`.execute(
      tx,
    );
    return { count: rows[0]?.count ?? 0, sample: rows[0]?.sample ?? [] };
  });
}
