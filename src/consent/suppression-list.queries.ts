import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';

import { addressHash } from './conditions.ts';
import type { Suppression, SuppressionFilter } from './suppression-list.ts';

const columns = sql`
  s.id, s.address_hash, s.channel, s.reason, s.until, s.comment, s.at, p.name as by, s.run_id as "runId", s.is_lifted as "isLifted"`;

export async function selectSuppressions(
  scope: RawBuilder<boolean>,
  { address, channel, reason, state, page, size, at }: SuppressionFilter & { at: Date },
): Promise<{ suppressions: Suppression[]; total: number }> {
  const active = sql`
    exists (select from suppressed_addresses x where x.address_hash = s.address_hash and x.channel = s.channel and (x.until is null or x.until > ${at}))
    and not s.is_lifted and s.id = (
      select max(l.id) from suppressions l where l.address_hash = s.address_hash and l.channel = s.channel)`;
  const conditions = sql`${scope} and ${state === 'active' ? active : sql`s.is_lifted`}
    and (${address ?? null}::text is null or s.address_hash = ${addressHash(sql`${address ?? ''}::text`)})
    and (${channel ?? null}::text is null or s.channel = ${channel ?? null})
    and (${reason ?? null}::text is null or s.reason = ${reason ?? null})`;
  const { rows } = await sql<Suppression>`
    with shown as (
      select ${columns} from suppressions s left join people p on p.id = s.said_by
      where ${conditions} order by s.id desc limit ${size} offset ${(page - 1) * size}),
    known as (
      select hash, min(email) as email from (
        select ${addressHash(sql`email_normalized`)} as hash, email_normalized as email from account_people where email_normalized is not null) e
      where hash in (select address_hash from shown) group by hash)
    select shown.id, known.email as address, channel, reason, until, comment, at, by, "runId", "isLifted"
    from shown left join known on known.hash = shown.address_hash order by shown.id desc`.execute(db);
  const { rows: counted } = await sql<{ total: number }>`
    select count(*) as total from suppressions s where ${conditions}`.execute(db);
  return { suppressions: rows, total: counted[0]?.total ?? 0 };
}

/** @returns whether there was anything to lift */
export async function insertLift(
  tx: Tx,
  id: number,
  { comment, saidBy, at }: { comment: string; saidBy: string; at: Date },
): Promise<boolean> {
  const { rows } = await sql`
    insert into suppressions (address_hash, channel, is_lifted, reason, comment, said_by, at)
    select s.address_hash, s.channel, true, x.reason, ${comment}, ${saidBy}, ${at} from suppressions s
    join suppressed_addresses x on x.address_hash = s.address_hash and x.channel = s.channel
    where s.id = ${id} and not s.is_lifted returning id`.execute(tx);
  return rows.length > 0;
}
