import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../../platform/db.ts';

import type {
  Campaign, CampaignFilter, CampaignOrder, CampaignStatus, ListedCampaign, NewCampaign, ShownCampaign,
} from './campaigns.ts'; // prettier-ignore
import type { Policy } from './policy.ts';
import type { Fixed } from '../runs/runs.ts';
import { isHeld } from '../runs/runs.queries.ts';

type Condition = RawBuilder<boolean>;

const columns = sql`
  c.id, c.name, c.description, c.message_class as "messageClass", c.topic, c.channel, c.segment_id as "segmentId", c.trigger, c.policy, c.goal,
  c.message_id as "messageId", c.status, c.revision, c.owner_id as "ownerId", c.activated_at as "activatedAt",
  c.created_at as "createdAt", c.changed_at as "changedAt"`;

const lastRun = sql`
  left join lateral (
    select r.id, r.state, r.paused_at, r.triggered_at, r.audience_count, ${isHeld} as is_held from runs r
    where r.campaign_id = c.id and not r.is_dry order by r.id desc limit 1) l on true`;

const orders: Record<CampaignOrder['sort'], RawBuilder<unknown>> = {
  name: sql`lower(c.name)`,
  status: sql`array_position(array['active', 'in_review', 'approved', 'draft', 'ended', 'archived'], c.status)`,
  changedAt: sql`c.changed_at`,
  lastRunAt: sql`l.triggered_at`,
};

/** `%` and `_` are letters in a search, not wildcards. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

function matching(scope: Condition, filter: CampaignFilter): Condition {
  const { search = '', status, messageClass, channel, ownerId, isArchived = false } = filter;
  const parts = [scope, sql`c.kind = 'campaign' and (c.status = 'archived') = ${isArchived}::boolean`];
  if (search !== '')
    parts.push(
      sql`(lower(c.name) like lower(${containing(search)}) or lower(c.description) like lower(${containing(search)}))`,
    );
  if (status !== undefined) parts.push(sql`c.status = ${status}`);
  if (messageClass !== undefined) parts.push(sql`c.message_class = ${messageClass}`);
  if (channel !== undefined) parts.push(sql`c.channel = ${channel}`);
  if (ownerId !== undefined) parts.push(sql`c.owner_id = ${ownerId}`);
  return sql<boolean>`(${sql.join(parts, sql` and `)})`;
}

export async function selectCampaigns(
  scope: Condition,
  filter: CampaignFilter,
  { sort, direction, page, limit }: CampaignOrder & { limit: number },
): Promise<{ campaigns: ListedCampaign[]; total: number }> {
  const { rows } = await sql<ListedCampaign & { total: number }>`
    select c.id, c.name, c.description, c.message_class as "messageClass", c.channel, c.topic, c.status, c.trigger,
      c.segment_id as "segmentId", s.name as "segmentName", c.owner_id as "ownerId", p.name as "ownerName", c.changed_at as "changedAt",
      case when l.id is not null then json_build_object('id', l.id, 'state', l.state, 'pausedAt', l.paused_at,
        'triggeredAt', l.triggered_at, 'audienceCount', l.audience_count, 'isHeld', l.is_held) end as "lastRun",
      count(*) over () as total
    from campaigns c left join segments s on s.id = c.segment_id left join people p on p.id = c.owner_id ${lastRun}
    where ${matching(scope, filter)}
    order by ${orders[sort]} ${direction === 'asc' ? sql`asc` : sql`desc`} nulls last, c.id
    limit ${limit} offset ${(page - 1) * limit}`.execute(db);
  const campaigns = rows.map((row) => ({
    ...row,
    lastRun: row.lastRun && withDates(row.lastRun),
  }));
  return { campaigns, total: rows[0]?.total ?? 0 };
}

const withDates = (run: NonNullable<ListedCampaign['lastRun']>) => ({
  ...run,
  pausedAt: run.pausedAt === null ? null : new Date(run.pausedAt),
  triggeredAt: new Date(run.triggeredAt),
});

export async function selectShown(
  scope: Condition,
  id: string,
): Promise<Omit<ShownCampaign, 'nextAt'> | undefined> {
  const { rows } = await sql<Omit<ShownCampaign, 'nextAt'>>`
    select ${columns}, o.name as "ownerName", b.name as "changedByName", m.name as "messageName",
      case when s.id is not null then json_build_object('id', s.id, 'name', s.name, 'entity', s.entity, 'members', s.members) end as segment
    from campaigns c left join people o on o.id = c.owner_id left join people b on b.id = c.changed_by
    left join segments s on s.id = c.segment_id left join messages m on m.id = c.message_id
    where c.id = ${id} and c.kind = 'campaign' and ${scope}`.execute(db);
  return rows[0];
}

export async function selectOwners(scope: Condition): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select p.id, p.name from people p where ${scope} and p.id in (select owner_id from campaigns where kind = 'campaign') order by lower(p.name), p.id`.execute(
    db,
  );
  return rows;
}

/** The campaign, kept as it is until the transaction ends; tracks are changed by src/tracks alone. */
export async function selectForUpdate(tx: Tx, id: string): Promise<Campaign | undefined> {
  const { rows } =
    await sql<Campaign>`select ${columns} from campaigns c where c.id = ${id} and c.kind = 'campaign' for update`.execute(
      tx,
    );
  return rows[0];
}

export async function selectCampaign(at: Db, id: string): Promise<Campaign | undefined> {
  const { rows } = await sql<Campaign>`select ${columns} from campaigns c where c.id = ${id}`.execute(at);
  return rows[0];
}

/** The campaigns that wait for this kind of trigger. */
export async function selectActive(at: Db, kind: string): Promise<Campaign[]> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaigns c where c.status = 'active' and c.trigger ->> 'kind' = ${kind} order by c.id`.execute(
    at,
  );
  return rows;
}

interface By {
  personId: string;
  now: Date;
}

export async function insertCampaign(
  tx: Tx,
  campaign: NewCampaign & By & { policy: Policy },
): Promise<string> {
  const { name, description, messageClass, topic, channel, policy, personId, now } = campaign;
  const { rows } = await sql<{ id: string }>`
    insert into campaigns (name, description, message_class, topic, channel, policy, owner_id, created_at, changed_at, changed_by)
    values (${name}, ${description}, ${messageClass}, ${topic}, ${channel}, ${JSON.stringify(policy)}, ${personId}, ${now}, ${now}, ${personId})
    returning id`.execute(tx);
  return rows[0]?.id ?? '';
}

export async function insertCopy(
  tx: Tx,
  id: string,
  { name, personId, now }: By & { name: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into campaigns (name, description, message_class, topic, channel, segment_id, trigger, policy, goal, message_id, owner_id,
      created_at, changed_at, changed_by)
    select ${name}, description, message_class, topic, channel, segment_id, trigger, policy, goal, message_id, ${personId}::uuid,
      ${now}, ${now}, ${personId}::uuid
    from campaigns where id = ${id} returning id`.execute(tx);
  return rows[0]?.id ?? '';
}

/** @param isOther whether it has to be approved anew */
export async function updateCampaign(
  tx: Tx,
  campaign: Campaign,
  { isOther, personId, now }: By & { isOther: boolean },
): Promise<void> {
  const { id, name, description, messageClass, topic, channel, segmentId, trigger, policy, goal, messageId } =
    campaign;
  await sql`
    update campaigns set name = ${name}, description = ${description}, message_class = ${messageClass}, topic = ${topic},
      channel = ${channel}, segment_id = ${segmentId}, trigger = ${JSON.stringify(trigger)}, policy = ${JSON.stringify(policy)},
      goal = ${goal === null ? null : JSON.stringify(goal)}::jsonb, message_id = ${messageId}, changed_at = ${now}, changed_by = ${personId},
      revision = revision + ${isOther}::boolean::int, status = case when ${isOther}::boolean then 'draft' else status end
    where id = ${id}`.execute(tx);
}

export async function updateStatus(tx: Tx, id: string, status: CampaignStatus, now: Date): Promise<void> {
  await sql`
    update campaigns set status = ${status}, changed_at = ${now},
      activated_at = case when ${status} = 'active' then ${now}::timestamptz else activated_at end
    where id = ${id}`.execute(tx);
}

export async function withdrawOpenApprovals(tx: Tx, id: string, { personId, now }: By): Promise<void> {
  await sql`
    update campaign_approvals set decision = 'withdrawn', decided_by = ${personId}, decided_at = ${now}
    where campaign_id = ${id} and decision is null`.execute(tx);
}

export async function hasOpenRun(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from runs where campaign_id = ${id} and state in ('triggered', 'planned', 'sending') limit 1`.execute(
    tx,
  );
  return rows.length > 0;
}

/** The rule of a list, as it is now. */
export async function selectAudienceRule(at: Db, segmentId: string): Promise<Fixed['audience'] | undefined> {
  const { rows } = await sql<NonNullable<Fixed['audience']>>`
    select id as "segmentId", entity, rule from segments where id = ${segmentId}`.execute(at);
  return rows[0];
}
