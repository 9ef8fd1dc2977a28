import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';

import { addressHash, ALL_TOPICS } from './conditions.ts';
import type { KnownWord, Word } from './consent.ts';
import type { Topic } from './topics.ts';

const given = (words: readonly unknown[]) => sql`
  json_to_recordset(${JSON.stringify(words)}::json) as given (
    address text, topic text, "isGranted" boolean, source text, "saidAt" timestamptz, "runId" bigint, n integer, "saidBy" uuid)`;

/** Words in the order that they were said. */
export async function insertWords(tx: Tx, words: readonly Word[]): Promise<void> {
  await liftRefusalsOfAll(tx, words);
  await sql`
    insert into consents (address_hash, topic, is_granted, source, said_by, run_id, n, said_at)
    select ${addressHash(sql`address`)}, topic, "isGranted", source, "saidBy", "runId", n, "saidAt"
    from ${given(words)}`.execute(tx);
}

/** Where one topic is granted while all are refused: the refusal of all becomes one of each, on which the grant follows. */
async function liftRefusalsOfAll(tx: Tx, words: readonly Word[]): Promise<void> {
  const grants = words.filter(({ isGranted, topic }) => isGranted && topic !== ALL_TOPICS);
  if (grants.length === 0) return;
  await sql`
    with granting as (
      select distinct on (hash) * from (select ${addressHash(sql`address`)} as hash, given.* from ${given(grants)}) g
      where exists (select from consent_states s where s.address_hash = hash and s.topic = ${ALL_TOPICS} and not s.is_granted)
    )
    insert into consents (address_hash, topic, is_granted, source, said_by, run_id, n, said_at)
    select hash, t.code, t.code = ${ALL_TOPICS}, source, "saidBy", "runId", n, "saidAt"
    from granting, (select code from topics where message_class <> 'transactional' union all select ${ALL_TOPICS}) t`.execute(
    tx,
  );
}

export async function selectConsents(address: string): Promise<(Topic & { isGranted: boolean })[]> {
  const { rows } = await sql<Topic & { isGranted: boolean }>`
    select t.code, t.message_class as "messageClass", t.is_opt_in as "isOptIn", t.is_seeded as "isSeeded", t.is_offered as "isOffered",
      t.words, t.message_class = 'transactional' or coalesce(
        not exists (select from consent_states s where s.address_hash = a.hash and s.topic = ${ALL_TOPICS} and not s.is_granted)
        and coalesce((select s.is_granted from consent_states s where s.address_hash = a.hash and s.topic = t.code), not t.is_opt_in), false)
        as "isGranted"
    from topics t, (select ${addressHash(sql`${address}::text`)} as hash) a
    where t.is_offered order by t.position, t.code`.execute(db);
  return rows;
}

/** One word for each topic that is offered and needs consent, and one for all; where all were refused, one for each topic that there is. */
export async function insertChoice(
  tx: Tx,
  { address, source, saidAt, runId, n, saidBy }: Omit<Word, 'topic' | 'isGranted'>,
  granted: readonly string[],
): Promise<void> {
  const hash = addressHash(sql`${address}::text`);
  await sql`
    insert into consents (address_hash, topic, is_granted, source, said_by, run_id, n, said_at)
    select ${hash}, code, code = any(${granted}) or (code = ${ALL_TOPICS} and ${granted.length > 0}),
      ${source}, ${saidBy ?? null}::uuid, ${runId ?? null}::bigint, ${n ?? null}::integer, ${saidAt}::timestamptz
    from (
      select code from topics where message_class <> 'transactional' and (is_offered or exists (
        select from consent_states s where s.address_hash = ${hash} and s.topic = ${ALL_TOPICS} and not s.is_granted))
      union all select ${ALL_TOPICS}) t`.execute(tx);
}

export async function isRefused(tx: Tx, address: string, topic: string): Promise<boolean> {
  const { rows } = await sql`
    select from consent_states where address_hash = ${addressHash(sql`${address}::text`)} and topic = ${topic} and not is_granted`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function selectWords(scope: RawBuilder<boolean>, personId: number): Promise<KnownWord[]> {
  const { rows } = await sql<KnownWord>`
    select c.topic, c.is_granted as "isGranted", c.source, c.said_at as "saidAt", p.name as "saidBy", c.run_id as "runId"
    from consents c left join people p on p.id = c.said_by
    where ${scope} and c.address_hash = (
      select ${addressHash(sql`email_normalized`)} from account_people where id = ${personId} and email_normalized is not null)
    order by c.id desc limit 200`.execute(db);
  return rows;
}
