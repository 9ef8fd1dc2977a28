import '../access/tables.ts';
import '../accounts/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import type { SignUpState } from './tables.ts';

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

interface SignUpGiven {
  personId: string;
  company: string;
  state: SignUpState;
  candidates: string[];
  at: Date;
}

export async function saveSignUp(
  tx: Db,
  { personId, company, state, candidates, at }: SignUpGiven,
): Promise<string> {
  const { id } = await tx
    .insertInto('sign_ups')
    .values({
      person_id: personId,
      company,
      state,
      candidates,
      settled_by: null,
      settled_at: null,
      created_at: at,
    })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet({ company, state, candidates }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function signUpStateOf(personId: string): Promise<SignUpState | undefined> {
  const row = await db
    .selectFrom('sign_ups')
    .select('state')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row?.state;
}

/** People without an account whose address is that of exactly one contact: one that this batch of the sync brought, or any. */
export async function lateMatches(
  tx: Db,
  batch: number | undefined,
): Promise<{ personId: string; contactId: string; email: string }[]> {
  const { rows } = await sql<{ personId: string; contactId: string; email: string }>`
    select s.person_id as "personId", min(c.id) as "contactId", p.email
    from sign_ups s
    join people p on p.id = s.person_id
    join contacts c on c.email_normalized = p.email and c.deleted_at is null and c.account_id is not null
    where s.state = 'unmatched' and ${batch === undefined ? sql`true` : broughtBy(batch)}
    group by s.person_id, p.email
    having count(*) = 1 and not exists (select from person_contacts pc where pc.contact_id = min(c.id))`.execute(
    tx,
  );
  return rows;
}

const broughtBy = (batch: number) => sql`
  p.email in (select k.email_normalized from mirror_changes ch join contacts k on k.id = ch.row_id
              where ch.batch = ${batch} and ch.table_name = 'contacts')`;

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

export async function countWaiting(tx: Db): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) from sign_ups where state = 'waiting'`.execute(tx);
  return rows[0]?.count ?? 0;
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

export async function lockWaitingSignUp(
  tx: Db,
  id: string,
): Promise<{ personId: string; email: string } | undefined> {
  const { rows } = await sql<{ personId: string; email: string }>`
    select s.person_id as "personId", p.email from sign_ups s join people p on p.id = s.person_id
    where s.id = ${id} and s.state = 'waiting' for update of s`.execute(tx);
  return rows[0];
}
