import type { RawBuilder } from 'kysely';

import { db, sql, transaction } from '../platform/db.ts';

import { compile, compileValues, existing, type Question, subjects } from './compile.ts';
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

interface Previewed {
  scope: RawBuilder<boolean>;
  limit: number;
  /** The statement ends after so many milliseconds, or when the signal says that nobody waits for it any more. */
  milliseconds: number;
  signal: AbortSignal | undefined;
}

/** How many a rule selects, and the first of them by name. */
export async function countAndSample(
  rule: Rule,
  question: Question,
  { scope, limit, milliseconds, signal }: Previewed,
): Promise<{ count: number; sample: Sampled[] }> {
  const { sources, condition } = compile(rule, question);
  const one = question.entity === 'person' ? sql`p` : sql`a`;
  const query = sql<{ count: number; sample: Sampled[] | null }>`
    with selected as materialized (
      select ${one}.id, ${one}.name, a.id as account_id, a.name as account_name
      from ${subjects(question.entity)} ${sources} where ${existing(question)} and ${scope} and ${condition}),
    sampled as (
      select id::text, name, account_id as "accountId", account_name as "accountName"
      from selected order by lower(name), id limit ${limit})
    select (select count(*) from selected)::int as count, (select json_agg(sampled) from sampled) as sample`;
  return await transaction(async (tx) => {
    const { rows: settings } = await sql<{ pid: number }>`
      select pg_backend_pid() as pid, set_config('statement_timeout', ${String(milliseconds)}, true)`.execute(
      tx,
    );
    const settled = cancelledBy(signal, settings[0]?.pid);
    try {
      const { rows } = await query.execute(tx);
      return { count: rows[0]?.count ?? 0, sample: rows[0]?.sample ?? [] };
    } finally {
      await settled();
    }
  });
}

/**
 * Has the server end what it does on a connection when the signal is given. @returns what to wait for before the connection goes on
 * to somebody else, whose statement must not be met instead
 */
function cancelledBy(signal: AbortSignal | undefined, pid: number | undefined): () => Promise<unknown> {
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = () => {
    cancelling = sql`select pg_cancel_backend(${pid}::int)`.execute(db).catch(() => undefined);
  };
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return async () => {
    signal?.removeEventListener('abort', cancel);
    await cancelling;
  };
}
