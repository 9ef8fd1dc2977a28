import { staffWith } from '../access/people.ts';
import { staffRoles } from '../access/viewer.ts';
import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import type { Rank, Reason } from '../health/ranks.ts';
import { db, sql, type Tx } from '../platform/db.ts';

import { signalColumns } from './signals.queries.ts';
import type { Signal } from './signals.ts';

/** Somebody who gets digests. */
export interface Reader {
  id: string;
  userId: string | null;
  locale: string;
  timeZone: string;
  digestHour: number;
  wantsOwnAccounts: boolean;
  /** Their calendar day that was claimed last. */
  lastDay: string | null;
}

export async function selectReaders(): Promise<Reader[]> {
  const { rows } = await sql<Reader>`
    select p.id, p.user_id as "userId", p.locale, p.time_zone as "timeZone", coalesce(t.digest_hour, 8) as "digestHour",
      coalesce(t.wants_own_accounts, true) as "wantsOwnAccounts",
      (select max(day) from digests d where d.person_id = p.id) as "lastDay"
    from people p left join alert_settings t on t.person_id = p.id
    where coalesce(t.wants_digest, true) and ${staffWith(staffRoles)} order by p.id`.execute(db);
  return rows;
}

export const mailKey = (personId: string, day: string): string => `digest:${personId}:${day}`;

/**
 * Claims a day, and says since when there may be news: since the last digest that surely arrived or had nothing to say, a week at most,
 * a day for who never had one. @returns undefined when the day is claimed already
 */
export async function claimDay(
  tx: Tx,
  { personId, day, until }: { personId: string; day: string; until: Date },
): Promise<{ since: Date } | undefined> {
  const { rows } = await sql<{ since: Date }>`
    with earlier as (
      select d.since, d.until, d.entries = 0 or exists (
        select from mails_once m where m.key = 'digest:' || d.person_id || ':' || d.day and m.sent_at is not null) as arrived
      from digests d where d.person_id = ${personId} and d.until > ${until}::timestamptz - interval '7 days')
    insert into digests (person_id, day, since, until, entries)
    select ${personId}, ${day}::date, greatest(${until}::timestamptz - interval '7 days', coalesce(
        (select max(until) from earlier where arrived), (select min(since) from earlier), ${until}::timestamptz - interval '1 day')),
      ${until}, 0
    on conflict (person_id, day) do nothing returning since`.execute(tx);
  return rows[0];
}

export async function noteEntries(
  tx: Tx,
  { personId, day, entries }: { personId: string; day: string; entries: number },
): Promise<void> {
  await sql`update digests set entries = ${entries} where person_id = ${personId} and day = ${day}::date`.execute(
    tx,
  );
}

export interface ListEntry {
  accountId: string;
  accountName: string;
  rank: Rank | null;
  score: number | null;
  reasons: Reason[];
  /** Of a list of people: who. */
  people: string | null;
  isNew: boolean;
}

export interface DigestList {
  id: string;
  name: string;
  total: number;
  entries: ListEntry[];
}

interface Asking {
  person: Reader;
  since: Date;
  until: Date;
}

const isOwn = (userId: string | null) =>
  sql<boolean>`coalesce(${userId}::text in (a.owner_id, ${managerOf('a')}), false)`;

/**
 * The lists that somebody follows with the accounts in them that are theirs (FA2); with all of them for who looks after none. The new
 * and the worst come first.
 */
export async function selectLists(tx: Tx, { person, since }: Asking): Promise<DigestList[]> {
  const { rows } = await sql<DigestList>`
    with manages as (select exists (
        select from accounts a where a.deleted_at is null and (a.owner_id = ${person.userId} or ${managerOf('a')} = ${person.userId})) as any),
    entry as (
      select g.id, g.name, a.id as account_id, a.name as account_name, min(m.entered_at) as entered_at,
        string_agg(p.name, ', ' order by p.name) as people
      from follows f join segments g on f.kind = 'segment' and g.id::text = f.target and g.archived_at is null
      join segment_members m on m.segment_id = g.id
      join accounts a on a.id = m.account_id and a.deleted_at is null and ${notRemoved('a.id')}
      left join account_people p on p.id = case when g.entity = 'person' then m.entity_id::bigint end, manages
      where f.person_id = ${person.id} and (g.is_shared or g.owner_id = f.person_id)
        and (not manages.any or ${isOwn(person.userId)})
      group by g.id, g.name, a.id, a.name),
    ranked as (
      select entry.*, h.rank, h.score, coalesce(h.reasons, '[]') as reasons, entry.entered_at > ${since} as is_new,
        row_number() over (partition by entry.id order by entry.entered_at > ${since} desc, h.score nulls last, entry.account_id) as place
      from entry left join health h on h.account_id = entry.account_id)
    select id, name, count(*)::int as total, json_agg(json_build_object('accountId', account_id, 'accountName', account_name, 'rank', rank,
        'score', score, 'reasons', reasons, 'people', people, 'isNew', is_new) order by place) filter (where place <= 12) as entries
    from ranked group by id, name order by lower(name)`.execute(tx);
  return rows;
}

export interface News extends Signal {
  isOwn: boolean;
  ruleCode: string | null;
  ruleName: string | null;
}

/** What happened to the accounts that somebody follows or looks after, the oldest first; at most a thousand things. */
export async function selectNews(tx: Tx, { person, since, until }: Asking): Promise<News[]> {
  const { rows } = await sql<News>`
    with mine as materialized (
      select a.id, a.name, ${isOwn(person.userId)} as is_own from accounts a
      where a.deleted_at is null and ${notRemoved('a.id')}
        and (${person.wantsOwnAccounts}::boolean and (a.owner_id = ${person.userId} or ${managerOf('a')} = ${person.userId})
          or a.id in (select f.target from follows f where f.person_id = ${person.id} and f.kind = 'account'))
        and not exists (
          select from alert_mutes x where x.person_id = ${person.id} and x.account_id = a.id and x.rule_id is null))
    select s.id, ${signalColumns}, r.code as "ruleCode", r.name as "ruleName", a.is_own as "isOwn"
    from mine a join signals s on s.account_id = a.id left join alert_rules r on r.id = s.rule_id
    where s.noted_at > ${since} and s.noted_at <= ${until}
      and (r.id is null or r.owner_id is null or r.owner_id = ${person.id})
      and (s.kind not like 'segment.%' or exists (
        select from segments g where g.id = (s.data ->> 'segmentId')::uuid and (g.is_shared or g.owner_id = ${person.id})))
    order by s.id limit 1000`.execute(tx);
  return rows;
}
