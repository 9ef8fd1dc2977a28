import type { RawBuilder } from 'kysely';

import { Policy } from '../campaigns/definition/policy.ts';
import { db, sql, type Db, type Tx } from '../platform/db.ts';

import { everyStep, type TrackDefinition } from './definition.ts';
import type {
  ListedTrack, ShownTrack, TrackFilter, TrackOrder, TrackStatus, VersionState,
} from './tracks.ts'; // prettier-ignore

type Condition = RawBuilder<boolean>;
type Uncounted<T> = Omit<T, 'counts' | 'waiting'>;

/* Before it was active, a track stands as its newest version does. */
const status = sql<TrackStatus>`(case when t.status = 'draft' then n.state else t.status end)`;

const listed = sql`
  c.id, c.name, c.description, n.definition ->> 'messageClass' as "messageClass", n.definition ->> 'topic' as topic, ${status} as status,
  t.version, case when n.version is distinct from t.version then json_build_object('version', n.version, 'state', n.state) end as next,
  n.definition #>> '{entry,kind}' as "entryKind", c.owner_id as "ownerId", o.name as "ownerName", c.changed_at as "changedAt"`;

const tracks = sql`
  tracks t join campaigns c on c.id = t.id
  join lateral (select * from track_versions v where v.track_id = t.id order by v.version desc limit 1) n on true
  left join people o on o.id = c.owner_id`;

const here = sql`
  coalesce((select sum(case name when 'entered' then count else -count end) from track_counts k
    where k.track_id = t.id and (name in ('entered', 'done') or name like 'left:%')), 0)`;

const orders: Record<TrackOrder['sort'], RawBuilder<unknown>> = {
  name: sql`lower(c.name)`,
  status: sql`array_position(array['active', 'paused', 'in_review', 'approved', 'draft', 'archived'], ${status})`,
  here,
  changedAt: sql`c.changed_at`,
};

const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

function matching(
  scope: Condition,
  { search = '', status: asked, ownerId, isArchived = false }: TrackFilter,
): Condition {
  const parts = [scope, sql`(t.status = 'archived') = ${isArchived}::boolean`];
  if (search !== '')
    parts.push(sql`(c.name ilike ${containing(search)} or c.description ilike ${containing(search)})`);
  if (asked !== undefined) parts.push(sql`${status} = ${asked}`);
  if (ownerId !== undefined) parts.push(sql`c.owner_id = ${ownerId}`);
  return sql<boolean>`(${sql.join(parts, sql` and `)})`;
}

export async function selectTracks(
  scope: Condition,
  filter: TrackFilter,
  { sort, direction, page, limit }: TrackOrder & { limit: number },
): Promise<{ tracks: Uncounted<ListedTrack>[]; total: number }> {
  const { rows } = await sql<Uncounted<ListedTrack> & { total: number }>`
    select ${listed}, count(*) over () as total from ${tracks} where ${matching(scope, filter)}
    order by ${orders[sort]} ${direction === 'asc' ? sql`asc` : sql`desc`} nulls last, c.id
    limit ${limit} offset ${(page - 1) * limit}`.execute(db);
  return { tracks: rows, total: rows[0]?.total ?? 0 };
}

export async function selectShown(scope: Condition, id: string): Promise<Uncounted<ShownTrack> | undefined> {
  const { rows } = await sql<Uncounted<ShownTrack>>`
    select ${listed}, n.definition, a.definition as "activeDefinition", t.activated_at as "activatedAt", t.paused_at as "pausedAt",
      t.pause_reason as "pauseReason", q.name as "pausedByName", b.name as "changedByName", c.created_at as "createdAt", t.template
    from ${tracks} left join track_versions a on a.track_id = t.id and a.version = t.version
    left join people q on q.id = t.paused_by left join people b on b.id = c.changed_by
    where t.id = ${id} and ${scope}`.execute(db);
  return rows[0];
}

export async function selectOwners(scope: Condition): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select p.id, p.name from people p
    where ${scope} and p.id in (select c.owner_id from campaigns c where c.kind = 'track') order by lower(p.name), p.id`.execute(
    db,
  );
  return rows;
}

/** How many messages these tracks sent, and how many people reached the goal after one, each once. */
export async function selectSent(
  at: Db,
  ids: readonly string[],
): Promise<Map<string, { sent: number; converted: number }>> {
  const { rows } = await sql<{ id: string; sent: number; converted: number }>`
    with meant as materialized (select id, campaign_id from runs where campaign_id = any(${[...ids]}::uuid[])),
    reached as (
      select m.campaign_id, count(distinct d.person_id) as people
      from meant m join goal_conversions k on k.run_id = m.id and k.is_sent join goals g on g.id = k.goal_id and g.campaign_id = m.campaign_id
      join deliveries d on d.run_id = k.run_id and d.n = k.n group by m.campaign_id)
    select m.campaign_id as id, coalesce(sum((s.counts ->> 'sent')::int), 0) as sent, coalesce(max(r.people), 0) as converted
    from meant m left join run_statistics s on s.run_id = m.id left join reached r on r.campaign_id = m.campaign_id
    group by m.campaign_id`.execute(at);
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

/** A track as its verbs need it, held as it is until the transaction ends. */
export interface HeldTrack {
  id: string;
  status: 'draft' | 'active' | 'paused' | 'archived';
  version: number | null;
  newest: {
    version: number;
    state: VersionState;
    definition: TrackDefinition;
    messages: Record<string, number> | null;
  };
}

export async function selectForUpdate(tx: Tx, id: string): Promise<HeldTrack | undefined> {
  const { rows } = await sql<Omit<HeldTrack, 'newest'>>`
    select id, status, version from tracks where id = ${id} for update`.execute(tx);
  const [track] = rows;
  const { rows: newest } = await sql<HeldTrack['newest']>`
    select version, state, definition, messages from track_versions where track_id = ${id} order by version desc limit 1`.execute(
    tx,
  );
  return track && newest[0] && { ...track, newest: newest[0] };
}

interface By {
  personId: string;
  now: Date;
}

interface NewTrack extends By {
  name: string;
  description: string;
  definition: TrackDefinition;
  template: object | null;
}

export async function insertTrack(tx: Tx, track: NewTrack): Promise<string> {
  const { name, description, definition, template, personId, now } = track;
  const { rows } = await sql<{ id: string }>`
    with campaign as (
      insert into campaigns (name, description, kind, message_class, topic, channel, policy, goal, owner_id, created_at, changed_at, changed_by)
      values (${name}, ${description}, 'track', ${definition.messageClass}, ${definition.topic}, ${channelOf(definition)}, ${policyOf(definition)},
        ${goalOf(definition)}::jsonb, ${personId}, ${now}, ${now}, ${personId}) returning id)
    insert into tracks (id, template) select id, ${template === null ? null : JSON.stringify(template)}::jsonb from campaign
    returning id`.execute(tx);
  const id = rows[0]?.id ?? '';
  await insertVersion(tx, id, { version: 1, definition, personId, now });
  return id;
}

export async function insertVersion(
  tx: Tx,
  trackId: string,
  { version, definition, personId, now }: By & { version: number; definition: TrackDefinition },
): Promise<void> {
  await sql`
    insert into track_versions (track_id, version, definition, state, changed_at, changed_by)
    values (${trackId}, ${version}, ${JSON.stringify(definition)}, 'draft', ${now}, ${personId})`.execute(tx);
}

/** Of a version that is not active yet: it is a draft from now on, whatever was said of it. */
export async function updateVersion(
  tx: Tx,
  trackId: string,
  { version, definition, personId, now }: By & { version: number; definition: TrackDefinition },
): Promise<void> {
  await sql`
    update track_versions set definition = ${JSON.stringify(definition)}, state = 'draft', messages = null, changed_at = ${now}, changed_by = ${personId}
    where track_id = ${trackId} and version = ${version}`.execute(tx);
}

export async function updateNames(
  tx: Tx,
  id: string,
  { name, description, personId, now }: By & { name?: string | undefined; description?: string | undefined },
): Promise<void> {
  await sql`
    update campaigns set name = coalesce(${name ?? null}, name), description = coalesce(${description ?? null}, description),
      changed_at = ${now}, changed_by = ${personId} where id = ${id}`.execute(tx);
}

/** What is sent, counted and explained as of a campaign follows what the track says now. */
export async function followDefinition(tx: Tx, id: string, definition: TrackDefinition): Promise<void> {
  await sql`
    update campaigns set message_class = ${definition.messageClass}, topic = ${definition.topic}, channel = ${channelOf(definition)},
      policy = ${policyOf(definition)}, goal = ${goalOf(definition)}::jsonb where id = ${id}`.execute(tx);
}

/** That of the first message; each step has its own. */
function channelOf({ steps }: TrackDefinition): string {
  const send = everyStep(steps)
    .map(({ step }) => step)
    .find((step) => step.kind === 'send');
  return send?.channel ?? 'email';
}

const policyOf = ({ policy }: TrackDefinition) =>
  JSON.stringify(Policy.parse({ ...policy, again: 'always' }));
const goalOf = ({ goal }: TrackDefinition) => (goal === null ? null : JSON.stringify(goal));
