import '../access/tables.ts';
import '../accounts/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import type { SignIn } from './sessions.ts';
import type { PersonForSignIn } from './sign-in.ts';
import type { SignUpState, TokenPurpose } from './tables.ts';

/** The permission sets that make a Salesforce user staff. */
const staffPermissionSets = ['Rapport_Rep', 'Rapport_Success', 'Rapport_Support', 'Rapport_Admin'];

const asPersonForSignIn = sql<PersonForSignIn>`
  select p.id, p.email, p.name, p.locale, c.password_hash as "passwordHash",
    exists (select from second_factors f where f.person_id = p.id and f.confirmed_at is not null) as "hasSecondFactor",
    p.is_admin or exists (
      select from users u join permission_set_assignments a on a.user_id = u.id and a.deleted_at is null
      where u.id = p.user_id and u.is_active and u.deleted_at is null 
        and a.permission_set = any(${staffPermissionSets})) as "isStaff"
  from people p left join credentials c on c.person_id = p.id`;

/** The person of that (normalized) address. Demo people exist in sandbox mode only. */
export async function maybePersonByEmail(email: string, demoAllowed: boolean): Promise<PersonForSignIn | undefined> {
  const { rows } = await sql<PersonForSignIn>`
    ${asPersonForSignIn} where p.email = ${email} and (${demoAllowed} or not p.is_demo)`.execute(db);
  return rows[0];
}

export async function maybePersonById(id: string, demoAllowed: boolean): Promise<PersonForSignIn | undefined> {
  const { rows } = await sql<PersonForSignIn>`
    ${asPersonForSignIn} where p.id = ${id} and (${demoAllowed} or not p.is_demo)`.execute(db);
  return rows[0];
}

/* Passwords */

export async function passwordHashOf(personId: string, tx: Db = db): Promise<string | undefined> {
  const row = await tx.selectFrom('credentials').select('password_hash').where('person_id', '=', personId).executeTakeFirst();
  return row?.password_hash;
}

export async function savePassword(tx: Db, personId: string, passwordHash: string, at: Date): Promise<void> {
  const changed = { password_hash: passwordHash, changed_at: at };
  await tx
    .insertInto('credentials')
    .values({ person_id: personId, ...changed })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(changed))
    .execute();
}

/* Sessions */

export interface SessionRow {
  sid: string;
  sess: SignIn;
  seen_at: Date;
}

export async function sessionRows(personId: string, at: Date): Promise<SessionRow[]> {
  const { rows } = await sql<SessionRow>`
    select sid, sess, seen_at from sessions
    where sess ->> 'personId' = ${personId} and expire > ${at} order by seen_at desc`.execute(db);
  return rows;
}

export async function endSessions(
  personId: string,
  which: { only: string } | { except: string | undefined },
  tx: Db = db,
): Promise<void> {
  const condition = 'only' in which ? sql`sid = ${which.only}` : sql`sid is distinct from ${which.except ?? null}`;
  await sql`delete from sessions where sess ->> 'personId' = ${personId} and ${condition}`.execute(tx);
}

/** An UPDATE alone: a session that was ended meanwhile stays ended. */
export async function markSeen(sid: string, mark: { seenAt: Date; expire: Date; before: Date }): Promise<void> {
  await sql`update sessions set seen_at = ${mark.seenAt}, expire = greatest(expire, ${mark.expire}) where sid = ${sid} and seen_at < ${mark.before}`.execute(db);
}

/* Security events */

export interface SecurityEventRow {
  kind: string;
  personId: string | undefined;
  address: string;
  userAgent: string;
  at: Date;
}

export async function insertSecurityEvent(tx: Db, event: SecurityEventRow): Promise<void> {
  await tx
    .insertInto('security_events')
    .values({
      person_id: event.personId ?? null,
      kind: event.kind,
      address: event.address || null,
      user_agent: event.userAgent.slice(0, 300),
      recorded_at: event.at,
    })
    .execute();
}

/* Links in mails */

export interface TokenRow {
  email: string;
  personId: string | null;
  data: Record<string, string | undefined>;
}

export async function insertToken(
  tx: Db,
  row: {
    token_hash: Buffer; purpose: TokenPurpose; email: string; person_id: string | null; data: string;
    created_at: Date; expires_at: Date;
  }, // prettier-ignore
): Promise<void> {
  await tx.insertInto('email_tokens').values({ ...row, used_at: null }).execute();
}

interface TokenAsked {
  purpose: TokenPurpose;
  tokenHash: Buffer;
  at: Date;
}

export async function liveToken(tx: Db, { purpose, tokenHash, at }: TokenAsked): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`
    select email, person_id as "personId", data from email_tokens
    where token_hash = ${tokenHash} and purpose = ${purpose} and used_at is null and expires_at > ${at}`.execute(tx);
  return rows[0];
}

export async function takeLiveToken(tx: Db, { purpose, tokenHash, at }: TokenAsked): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`
    update email_tokens set used_at = ${at}
    where token_hash = ${tokenHash} and purpose = ${purpose} and used_at is null and expires_at > ${at}
    returning email, person_id as "personId", data`.execute(tx);
  const [taken] = rows;
  if (taken)
    await sql`
      update email_tokens set used_at = ${at}
      where purpose = ${purpose} and email = ${taken.email} and used_at is null`.execute(tx);
  return taken;
}

/** Forgets links that nobody can use any more. */
export async function deleteTokensBefore(tx: Db, at: Date): Promise<void> {
  await tx.deleteFrom('email_tokens').where('expires_at', '<', at).execute();
}

/* Whom a mailbox belongs to */

/** Contacts with exactly that address that have an account; `isTaken` when another person is that contact already. */
export async function contactsByEmail(tx: Db, email: string): Promise<{ id: string; isTaken: boolean }[]> {
  const { rows } = await sql<{ id: string; isTaken: boolean }>`
    select c.id, exists (select from person_contacts pc join people p on p.id = pc.person_id
                         where pc.contact_id = c.id and p.email <> ${email}) as "isTaken"
    from contacts c
    where c.email_normalized = ${email} and c.deleted_at is null and c.account_id is not null
    order by c.id limit 50`.execute(tx);
  return rows;
}

/** The one active Salesforce user of that address who has a role here; undefined when there is none, or several. */
export async function staffUserByEmail(tx: Db, email: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select u.id from users u
    where lower(u.email) = ${email} and u.is_active and u.deleted_at is null
      and exists (select from permission_set_assignments a where a.user_id = u.id and a.deleted_at is null
                  and a.permission_set = any(${staffPermissionSets}))
    limit 2`.execute(tx);
  return rows.length === 1 ? rows[0]?.id : undefined;
}

/** Whether the person is that user now; not when they or somebody else are linked otherwise. */
export async function linkUser(tx: Db, personId: string, userId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update people set user_id = ${userId}
    where id = ${personId} and (user_id is null or user_id = ${userId})
      and not exists (select from people other where other.user_id = ${userId} and other.id <> ${personId})`.execute(tx);
  return numAffectedRows === 1n;
}

/* Sign-ups */

interface SignUpGiven {
  personId: string;
  company: string;
  state: SignUpState;
  candidates: string[];
  at: Date;
}

export async function saveSignUp(tx: Db, { personId, company, state, candidates, at }: SignUpGiven): Promise<string> {
  const { id } = await tx
    .insertInto('sign_ups')
    .values({ person_id: personId, company, state, candidates, settled_by: null, settled_at: null, created_at: at })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet({ company, state, candidates }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function signUpStateOf(personId: string): Promise<SignUpState | undefined> {
  const row = await db.selectFrom('sign_ups').select('state').where('person_id', '=', personId).executeTakeFirst();
  return row?.state;
}

/** A new person, or the one who already has that mailbox. */
export async function findOrAddPerson(
  tx: Db,
  { email, name, locale, at, timeZone = 'UTC' }: { email: string; name: string; locale: string; at: Date; timeZone?: string },
): Promise<string> {
  const { id } = await tx
    .insertInto('people')
    .values({ email, name, locale, time_zone: timeZone, user_id: null, chosen_account_id: null, created_at: at })
    .onConflict((conflict) => conflict.column('email').doUpdateSet({ email }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The one member of staff whom Salesforce knows by that address, though they have never been here. */
export async function staffUserNamed(email: string): Promise<{ id: string; name: string; timeZone: string | null } | undefined> {
  const id = await staffUserByEmail(db, email);
  if (id === undefined) return undefined;
  return await db.selectFrom('users').select(['id', 'name', 'time_zone as timeZone']).where('id', '=', id).executeTakeFirst();
}

/* The demo's people */

interface DemoCandidate {
  email: string;
  name: string;
  timeZone: string | null;
  userId: string | null;
  contactId: string | null;
  hasPassword: boolean;
  /** They exist, with what the mirror knows of them now. */
  isComplete: boolean;
}

/** Those of the addresses that the mirror knows as a user or a contact. */
export async function demoCandidates(emails: readonly string[]): Promise<DemoCandidate[]> {
  const { rows } = await sql<DemoCandidate>`
    select wanted.email, coalesce(u.name, c.name) as name, u.time_zone as "timeZone", u.id as "userId", c.id as "contactId",
      k.person_id is not null as "hasPassword",
      p.id is not null and k.person_id is not null and (u.id is null or p.user_id = u.id)
        and (c.id is null or exists (select from person_contacts pc where pc.person_id = p.id and pc.contact_id = c.id))
        as "isComplete"
    from unnest(${emails}::text[]) as wanted (email)
    left join lateral (select id, name, time_zone from users where lower(email) = wanted.email and is_active
                       and deleted_at is null order by id limit 1) u on true
    left join lateral (select id, name from contacts where email_normalized = wanted.email and deleted_at is null
                       order by id limit 1) c on u.id is null
    left join people p on p.email = wanted.email
    left join credentials k on k.person_id = p.id
    where coalesce(u.id, c.id) is not null`.execute(db);
  return rows;
}

export async function insertDemoPerson(
  tx: Db,
  { email, name, timeZone, userId, at }: { email: string; name: string; timeZone: string | null; userId: string | null; at: Date },
): Promise<string> {
  const { id } = await tx
    .insertInto('people')
    .values({ email, name, time_zone: timeZone ?? 'UTC', user_id: userId, chosen_account_id: null, is_demo: true, created_at: at })
    .onConflict((conflict) => conflict.column('email').doUpdateSet({ name, user_id: userId }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** People without an account whose address is that of exactly one contact, which this batch of the sync brought. */
export async function lateMatches(tx: Db, batch: number): Promise<{ personId: string; contactId: string; email: string }[]> {
  const { rows } = await sql<{ personId: string; contactId: string; email: string }>`
    select s.person_id as "personId", min(c.id) as "contactId", p.email
    from sign_ups s
    join people p on p.id = s.person_id
    join contacts c on c.email_normalized = p.email and c.deleted_at is null and c.account_id is not null
    where s.state = 'unmatched'
      and p.email in (select k.email_normalized from mirror_changes ch join contacts k on k.id = ch.row_id
                      where ch.batch = ${batch} and ch.table_name = 'contacts')
    group by s.person_id, p.email
    having count(*) = 1 and not exists (select from person_contacts pc where pc.contact_id = min(c.id))`.execute(tx);
  return rows;
}

export async function settleSignUps(
  tx: Db,
  personIds: readonly string[],
  { state, settledBy = null, at = null }: { state: SignUpState; settledBy?: string | null; at?: Date | null },
): Promise<void> {
  if (personIds.length === 0) return;
  await tx
    .updateTable('sign_ups')
    .set({ state, settled_by: settledBy, settled_at: at })
    .where('person_id', 'in', personIds)
    .execute();
}

/* Second factors */

interface Factor {
  sealedSecret: string;
  isConfirmed: boolean;
}

export async function maybeFactor(personId: string): Promise<Factor | undefined> {
  const { rows } = await sql<Factor>`
    select sealed_secret as "sealedSecret", confirmed_at is not null as "isConfirmed"
    from second_factors where person_id = ${personId}`.execute(db);
  return rows[0];
}

/** Keeps a secret that is not confirmed yet; a confirmed one stays as it is. */
export async function savePendingFactor(personId: string, sealedSecret: string): Promise<void> {
  await sql`
    insert into second_factors (person_id, sealed_secret) values (${personId}, ${sealedSecret})
    on conflict (person_id) do update set sealed_secret = excluded.sealed_secret, last_step = 0
    where second_factors.confirmed_at is null`.execute(db);
}

export async function confirmFactor(tx: Db, personId: string, at: Date): Promise<void> {
  await tx.updateTable('second_factors').set({ confirmed_at: at }).where('person_id', '=', personId).execute();
}

/** Whether this time step is later than every one taken: of two uses of one code, one wins. */
export async function takeStep(personId: string, step: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update second_factors set last_step = ${step} where person_id = ${personId} and last_step < ${step}`.execute(db);
  return numAffectedRows === 1n;
}

export async function insertRecoveryCodes(tx: Db, personId: string, hashes: readonly Buffer[]): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await tx
    .insertInto('recovery_codes')
    .values(hashes.map((code_hash) => ({ person_id: personId, code_hash, used_at: null })))
    .execute();
}

export async function takeRecoveryCode(personId: string, codeHash: Buffer, at: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update recovery_codes set used_at = ${at}
    where person_id = ${personId} and code_hash = ${codeHash} and used_at is null`.execute(db);
  return numAffectedRows === 1n;
}

export async function countRecoveryCodes(personId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from recovery_codes where person_id = ${personId} and used_at is null`.execute(db);
  return rows[0]?.n ?? 0;
}

export async function deleteFactor(tx: Db, personId: string): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
  await tx.deleteFrom('second_factors').where('person_id', '=', personId).execute();
}

/* Staff who come through Salesforce */

/** An active user with a role here, by the id of 18 characters. */
export async function staffUser(userId: string) {
  const { rows } = await sql<{ id: string; name: string; email: string | null; timeZone: string | null }>`
    select u.id, u.name, lower(btrim(u.email)) as email, u.time_zone as "timeZone" from users u
    where u.id = ${userId}
      and u.is_active and u.deleted_at is null
      and exists (select from permission_set_assignments a where a.user_id = u.id and a.deleted_at is null
                  and a.permission_set = any(${staffPermissionSets}))`.execute(db);
  return rows[0];
}

export async function personOfUser(userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('people').select('id').where('user_id', '=', userId).executeTakeFirst();
  return row?.id;
}

export async function saveProfile(
  personId: string,
  { name, locale, timeZone }: { name: string; locale: string; timeZone: string },
): Promise<void> {
  await db.updateTable('people').set({ name, locale, time_zone: timeZone }).where('id', '=', personId).execute();
}

/* The queue of sign-ups */

export interface WaitingSignUp {
  id: string;
  name: string;
  email: string;
  company: string;
  createdAt: Date;
}

export interface Candidate {
  id: string;
  name: string;
  title: string | null;
  email: string;
  accountId: string;
  accountName: string;
  /** Somebody else is this contact already. */
  isTaken: boolean;
}

export async function waitingSignUps(tx: Db): Promise<WaitingSignUp[]> {
  const { rows } = await sql<WaitingSignUp>`
    select s.id, p.name, p.email, s.company, s.created_at as "createdAt"
    from sign_ups s join people p on p.id = s.person_id
    where s.state = 'waiting' order by s.created_at limit 200`.execute(tx);
  return rows;
}

/** The contacts that have one of these addresses now. */
export async function candidatesOf(tx: Db, emails: readonly string[]): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select c.id, c.name, c.title, c.email_normalized as email, a.id as "accountId", a.name as "accountName",
      exists (select from person_contacts pc where pc.contact_id = c.id) as "isTaken"
    from contacts c join accounts a on a.id = c.account_id and a.deleted_at is null
    where c.email_normalized = any(${emails}::text[]) and c.deleted_at is null
    order by a.name, c.name, c.id`.execute(tx);
  return rows;
}

export async function lockWaitingSignUp(tx: Db, id: string): Promise<{ personId: string; email: string } | undefined> {
  const { rows } = await sql<{ personId: string; email: string }>`
    select s.person_id as "personId", p.email from sign_ups s join people p on p.id = s.person_id
    where s.id = ${id} and s.state = 'waiting' for update of s`.execute(tx);
  return rows[0];
}

export async function grantAdmin(tx: Db, personId: string): Promise<void> {
  await tx.updateTable('people').set({ is_admin: true }).where('id', '=', personId).execute();
}
