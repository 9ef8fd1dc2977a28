import { addressHash, hasConsent } from '../../consent/conditions.ts';
import { isSuppressed, type Channel } from '../../consent/suppression.ts';
import type { Topic } from '../../consent/topics.ts';
import { sql, type Tx } from '../../platform/db.ts';

import type { LateRefusal } from './suppressed-among.ts';

type Fixed = Pick<Topic, 'code' | 'messageClass' | 'isOptIn'> & { channel: Channel };

export async function selectSuppressedAmong(
  tx: Tx,
  { runId, batch }: { runId: number; batch: number },
): Promise<LateRefusal[]> {
  const { rows: runs } = await sql<Fixed>`
    select c.channel, coalesce(t.code, '') as code, coalesce(t.message_class, c.message_class) as "messageClass",
      coalesce(t.is_opt_in, false) as "isOptIn"
    from runs r join campaigns c on c.id = r.campaign_id
    left join topics t on t.code = coalesce(r.fixed ->> 'topic', c.topic) where r.id = ${runId}`.execute(tx);
  const [fixed] = runs;
  if (fixed === undefined) return [];
  const hash = sql`d.hash`;
  const suppressed = isSuppressed(hash, fixed.channel);
  const { rows } = await sql<LateRefusal>`
    select n, case when is_suppressed then 'suppressed' else 'no_consent' end as reason from (
      select d.n, ${suppressed} as is_suppressed, ${hasConsent(hash, fixed)} as has_consent
      from (select n, ${addressHash(sql`address`)} as hash from deliveries
            where run_id = ${runId} and batch = ${batch} and state = 'planned') d) d
    where is_suppressed or not has_consent order by n`.execute(tx);
  return rows;
}
