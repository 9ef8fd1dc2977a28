import { sql, type Db, type Tx } from '../platform/db.ts';

import type { Profile, ProfileAct, ProfileDraft, ProfileVersion } from './profiles.ts';

export async function selectProfiles(tx: Db): Promise<Profile[]> {
  const { rows } = await sql<Profile>`
    select id, position, name, applies_to as "appliesTo", is_enabled as "isEnabled", version, settings
    from health_profiles order by applies_to is null, position`.execute(tx);
  return rows;
}

export async function selectVersions(tx: Db, profileId: number): Promise<ProfileVersion[]> {
  const { rows } = await sql<ProfileVersion>`
    select v.profile_id as "profileId", v.version, v.name, v.applies_to as "appliesTo", v.is_enabled as "isEnabled", v.settings,
           v.act, p.name as "madeBy", v.made_at as "madeAt"
    from health_profile_versions v left join people p on p.id = v.made_by
    where v.profile_id = ${profileId} order by v.version desc`.execute(tx);
  return rows;
}

export async function lockProfiles(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('health_profiles', 0))`.execute(tx);
}

/** Puts it before all others. Version 0 is none: the first is kept with the act. */
export async function insertProfile(tx: Tx, { name, appliesTo, settings }: ProfileDraft): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into health_profiles (position, name, applies_to, is_enabled, version, settings)
    select coalesce(min(position), 1) - 1, ${name}, ${JSON.stringify(appliesTo)}::jsonb, false, 0, ${JSON.stringify(settings)}::jsonb
    from health_profiles returning id`.execute(tx);
  const [made] = rows;
  if (made === undefined) throw new Error('a profile was not made');
  return made.id;
}

export async function updateProfile(
  tx: Tx,
  id: number,
  { name, appliesTo, settings }: ProfileDraft,
): Promise<void> {
  const rule = appliesTo === null ? null : JSON.stringify(appliesTo);
  await sql`
    update health_profiles set name = ${name}, applies_to = ${rule}::jsonb, settings = ${JSON.stringify(settings)}::jsonb
    where id = ${id}`.execute(tx);
}

export async function swapPositions(tx: Tx, id: number, otherId: number): Promise<void> {
  await sql`
    update health_profiles p set position = o.position from health_profiles o
    where (p.id, o.id) in ((${id}, ${otherId}), (${otherId}, ${id}))`.execute(tx);
}

export async function setEnabled(tx: Tx, id: number, isEnabled: boolean): Promise<void> {
  await sql`update health_profiles set is_enabled = ${isEnabled} where id = ${id}`.execute(tx);
}

/** Keeps what the profile is now as its next version, and marks the day. */
export async function keepVersion(
  tx: Tx,
  { id, act, madeBy, at }: { id: number; act: ProfileAct; madeBy: string; at: Date },
): Promise<void> {
  await sql`
    with changed as (update health_profiles set version = version + 1 where id = ${id} returning *),
    kept as (
      insert into health_profile_versions (profile_id, version, name, applies_to, is_enabled, settings, act, made_by, made_at)
      select id, version, name, applies_to, is_enabled, settings, ${act}, ${madeBy}, ${at} from changed
    )
    insert into health_markers (profile_id, kind, data, occurred_at)
    select id, 'profile', jsonb_build_object('version', version, 'act', ${act}::text), ${at} from changed`.execute(
    tx,
  );
}
