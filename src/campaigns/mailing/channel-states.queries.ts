import { sql, type Db } from '../../platform/db.ts';

/** @returns whether it was in trouble */
export async function open(at: Db, channel: string, closedUntil: Date | null): Promise<boolean> {
  const { rows } = await sql<{ was: boolean }>`
    select troubles > 0 as was from channel_states where channel = ${channel} and (troubles > 0 or ${closedUntil}::timestamptz is not null)`.execute(
    at,
  );
  if (rows.length > 0)
    await sql`
      update channel_states set troubles = 0, reason = case when ${closedUntil}::timestamptz is null then null else 'limited' end,
        closed_until = ${closedUntil}
      where channel = ${channel}`.execute(at);
  return rows[0]?.was ?? false;
}

export async function close(
  at: Db,
  { channel, until, reason }: { channel: string; until: Date; reason: string },
): Promise<void> {
  await sql`
    update channel_states set closed_until = greatest(closed_until, ${until}), reason = ${reason} where channel = ${channel}`.execute(
    at,
  );
}

interface Trouble {
  channel: string;
  reason: string;
  now: Date;
  most: number;
  jitter: number;
}

/** @returns whether this is the first since it was well */
export async function noteTrouble(at: Db, { channel, reason, now, most, jitter }: Trouble): Promise<boolean> {
  const { rows } = await sql<{ troubles: number }>`
    update channel_states set troubles = troubles + 1, reason = ${reason},
      closed_until = ${now}::timestamptz + least(${most}, power(2, least(troubles, 10))) * ${jitter} * interval '1 second'
    where channel = ${channel} and (closed_until is null or closed_until <= ${now}) returning troubles`.execute(
    at,
  );
  return rows[0]?.troubles === 1;
}
