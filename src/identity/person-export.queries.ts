import { db, sql } from '../platform/db.ts';

import type { Subject } from './erasure-subject.ts';
import type { Row } from './person-export.ts';

/** The most rows of one section: somebody's events of 400 days may be many. */
const MOST = 20_000;

/* Every section as a query of one column of JSON. What only secures a sign-in (hashes, sealed secrets) says nothing about anybody. */
const sectionsOf = ({ personIds, contactIds, leadIds, usageIds, emails }: Subject) => {
  const mine = sql`contact_id = any(${contactIds}) or opened_by = any(${personIds}::uuid[])`;
  const cases = sql`select id from cases where ${mine}`;
  const rows = sql`select id from account_people where contact_id = any(${contactIds}) or usage_person = any(${usageIds}::int[])`;
  const hashes = sql`select erasure_hash(e) from unnest(${emails}::text[]) e`;
  const mentions = (text: ReturnType<typeof sql>) => sql`lower(${text}) like any(${emails.map((email) => `%${email}%`)}::text[])`; // prettier-ignore
  return {
    people: sql`select to_jsonb(t) from people t where id = any(${personIds}::uuid[])`,
    contacts: sql`select to_jsonb(t) from contacts t where id = any(${contactIds})`,
    leads: sql`select to_jsonb(t) from leads t where id = any(${leadIds})`,
    memberships: sql`select to_jsonb(t) from memberships t where person_id = any(${personIds}::uuid[])`,
    signUps: sql`select to_jsonb(t) - 'candidates' from sign_ups t where person_id = any(${personIds}::uuid[])`,
    sessions: sql`select jsonb_build_object('expires', expire, 'seenAt', seen_at, 'device', sess ->> 'device', 'address', sess ->> 'address')
      from sessions where sess ->> 'personId' = any(${personIds})`,
    security: sql`select to_jsonb(t) from security_events t where person_id = any(${personIds}::uuid[])`,
    cases: sql`select to_jsonb(t) from cases t where ${mine}`,
    comments: sql`select to_jsonb(t) from case_comments t where case_id in (${cases}) or written_by = any(${personIds}::uuid[])`,
    emails: sql`select to_jsonb(t) from case_emails t
      where case_id in (${cases}) or ${mentions(sql`coalesce(t.from_address, '') || ' ' || coalesce(t.to_address, '')`)}`,
    files: sql`select to_jsonb(t) from uploads t where person_id = any(${personIds}::uuid[])`,
    acts: sql`select to_jsonb(t) from case_acts t where person_id = any(${personIds}::uuid[])`,
    tasks: sql`select to_jsonb(t) from salesforce_tasks t where who_id = any(${[...contactIds, ...leadIds]})`,
    meetings: sql`select to_jsonb(t) from salesforce_events t where who_id = any(${[...contactIds, ...leadIds]})`,
    campaigns: sql`select to_jsonb(t) from salesforce_campaign_members t where contact_id = any(${contactIds}) or lead_id = any(${leadIds})`,
    deliveries: sql`select to_jsonb(t) || jsonb_build_object('campaign', r.fixed -> 'name')
      from deliveries t join runs r on r.id = t.run_id where t.person_id in (${rows})`,
    deliveryEvents: sql`select to_jsonb(t) from delivery_events t
      join deliveries d on (d.run_id, d.n) = (t.run_id, t.n) where d.person_id in (${rows})`,
    tracks: sql`select to_jsonb(t) - 'cause' || jsonb_build_object('track', c.name)
      from track_people t join campaigns c on c.id = t.track_id where t.person_id in (${rows})`,
    trackSteps: sql`select to_jsonb(t) || jsonb_build_object('track', c.name)
      from track_path t join campaigns c on c.id = t.track_id where t.person_id in (${rows})`,
    consents: sql`select to_jsonb(t) - 'address_hash' from consents t where t.address_hash in (${hashes})`,
    suppressions: sql`select to_jsonb(t) - 'address_hash' from suppressions t where t.address_hash in (${hashes})`,
    users: sql`select to_jsonb(t) from usage_people t where id = any(${usageIds}::int[])`,
    engagement: sql`select to_jsonb(t) from account_people t where contact_id = any(${contactIds}) or usage_person = any(${usageIds}::int[])`,
    usage: sql`select to_jsonb(t) from usage_days t where person = any(${usageIds}::int[])`,
    events: sql`select to_jsonb(t) from usage_events t where person = any(${usageIds}::int[])`,
    writes: sql`select to_jsonb(t) from outbox t where person_id = any(${personIds}::uuid[]) or ${mentions(sql`t.fields::text`)}`,
  };
};

export async function selectSections(subject: Subject): Promise<Record<string, Row[]>> {
  const sections: Record<string, Row[]> = {};
  for (const [name, query] of Object.entries(sectionsOf(subject))) {
    const { rows } = await sql<{ row: Row }>`select row from (${query} limit ${MOST}) t (row)`.execute(db);
    if (rows.length > 0) sections[name] = rows.map(({ row }) => row);
  }
  return sections;
}

export async function noteExport({ by, at, key }: { by: string; at: Date; key: string }): Promise<void> {
  await sql`
    insert into person_exports (exported_by, exported_at, subject_hash) values (${by}, ${at}, erasure_hash(${key}))`.execute(
    db,
  );
}
