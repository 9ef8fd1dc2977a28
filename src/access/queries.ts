import type { RawBuilder } from 'kysely';

import './tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

/** Account types whose people use the partner portal. */
const partnerTypes = ['Distributor', 'Reseller', 'MSP'];

/** Roles of an account-contact relation that see every case of the account, not their own alone (C3). */
const managingRoles = [
  'Decision Maker',
  'Economic Decision Maker',
  'Economic Buyer',
  'Executive Sponsor',
  'Technical Buyer',
];

export interface PersonRow {
  id: string;
  email: string;
  name: string;
  locale: string;
  time_zone: string;
  user_id: string | null;
  chosen_account_id: string | null;
  is_admin: boolean;
  permission_sets: string[];
  memberships: MembershipRow[];
}

export interface MembershipRow {
  accountId: string;
  accountName: string;
  contactId: string;
  caseScope: 'own' | 'account';
  kind: 'customer' | 'partner';
  /** Whether the contact belongs to it, rather than acting for it as well. */
  isOwn: boolean;
}

/**
 * A person (people `p`, of that id) with all that decides what they may see: roles from active Salesforce users' permission
 * sets, memberships whose contact and account still exist. So a change in the mirror counts from the next request.
 */
export const personWithAccess = (personId: RawBuilder<string>, demoAllowed: boolean) => sql<PersonRow>`
  select p.id, p.email, p.name, p.locale, p.time_zone, p.user_id, p.chosen_account_id, p.is_admin,
    array(select distinct psa.permission_set
          from users u join permission_set_assignments psa on psa.user_id = u.id and psa.deleted_at is null
          where u.id = p.user_id and u.is_active and u.deleted_at is null) as permission_sets,
    (select coalesce(json_agg(json_build_object(
        'accountId', a.id, 'accountName', a.name, 'contactId', m.contact_id, 'caseScope', m.case_scope,
        'isOwn', c.account_id = a.id,
        'kind', case when a.type = any(${partnerTypes}) then 'partner' else 'customer' end)
        order by lower(a.name), a.id), '[]')
     from memberships m
     join accounts a on a.id = m.account_id and a.deleted_at is null
     join contacts c on c.id = m.contact_id and c.deleted_at is null
     where m.person_id = p.id) as memberships
  from people p where p.id = ${personId} and (${demoAllowed}::boolean or not p.is_demo)`;

export async function saveChosenAccount(personId: string, accountId: string): Promise<void> {
  await db.updateTable('people').set({ chosen_account_id: accountId }).where('id', '=', personId).execute();
}

/** One at a time, until its transaction ends: two sets of people in different orders would wait for each other for ever. */
export async function lockMemberships(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('memberships', 0))`.execute(tx);
}

/**
 * Makes the memberships of these people what the mirror says now: each contact's own account, and the others that it
 * is actively related to. One statement for any number of people; whatever no longer follows is removed.
 */
export async function rederiveMemberships(tx: Db, people: ReturnType<typeof sql<string>>): Promise<void> {
  await lockMemberships(tx);
  await sql`
    with concerned as (${people}),
    related as (
      select pc.person_id, c.account_id, c.id as contact_id, true as is_direct, r.roles
      from person_contacts pc
      join concerned on concerned.person_id = pc.person_id
      join people p on p.id = pc.person_id
      join contacts c on c.id = pc.contact_id and c.deleted_at is null
        and c.email_normalized in (pc.matched_email, p.email)
      left join account_contact_relations r on r.contact_id = c.id and r.account_id = c.account_id and r.deleted_at is null
      union all
      select pc.person_id, r.account_id, c.id, false, r.roles
      from person_contacts pc
      join concerned on concerned.person_id = pc.person_id
      join people p on p.id = pc.person_id
      join contacts c on c.id = pc.contact_id and c.deleted_at is null
        and c.email_normalized in (pc.matched_email, p.email)
      join account_contact_relations r on r.contact_id = c.id and r.account_id is distinct from c.account_id
        and r.is_active and r.deleted_at is null
    ),
    derived as (
      select distinct on (person_id, account_id) person_id, account_id, contact_id,
        case when roles && ${managingRoles}::text[] or (is_direct and coalesce(cardinality(roles), 0) = 0)
             then 'account' else 'own' end as case_scope
      from related where account_id is not null
      order by person_id, account_id, is_direct desc, contact_id
    ),
    gone as (
      delete from memberships m using concerned
      where m.person_id = concerned.person_id and not exists (
        select 1 from derived d where d.person_id = m.person_id and d.account_id = m.account_id)
    )
    insert into memberships (person_id, account_id, contact_id, case_scope)
    select person_id, account_id, contact_id, case_scope from derived
    on conflict (person_id, account_id) do update
      set contact_id = excluded.contact_id, case_scope = excluded.case_scope
      where (memberships.contact_id, memberships.case_scope) is distinct from (excluded.contact_id, excluded.case_scope)
  `.execute(tx);
}

export async function insertLinks(
  tx: Db,
  links: readonly { personId: string; contactId: string; email: string; settledBy?: string }[],
  at: Date,
): Promise<void> {
  if (links.length === 0) return;
  await tx
    .insertInto('person_contacts')
    .values(
      links.map(({ personId, contactId, email, settledBy }) => ({
        person_id: personId,
        contact_id: contactId,
        matched_email: email,
        settled_by: settledBy ?? null,
        linked_at: at,
      })),
    )
    .onConflict((conflict) => conflict.columns(['person_id', 'contact_id']).doNothing())
    .execute();
}

export async function personNamed(tx: Db, personId: string) {
  return await tx
    .selectFrom('people')
    .select(['email', 'name', 'locale'])
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
}

/** Whether the mailbox is theirs now; not when it is somebody else's. */
export async function saveMailbox(tx: Db, personId: string, email: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update people set email = ${email}
    where id = ${personId} and not exists (select from people other where other.email = ${email})`.execute(
    tx,
  );
  return numAffectedRows === 1n;
}

/** Links made by the former mailbox go on to count for it; gives the contacts that still have it. */
export async function keepLinksFrom(
  tx: Db,
  personId: string,
  formerEmail: string,
): Promise<{ id: string; email: string }[]> {
  const { rows } = await sql<{ id: string; email: string }>`
    update person_contacts pc set matched_email = ${formerEmail}
    from contacts c
    where pc.person_id = ${personId} and c.id = pc.contact_id and c.deleted_at is null and c.email_normalized = ${formerEmail}
    returning c.id, c.email`.execute(tx);
  return rows;
}

/** The same for whoever is one of the contacts that a batch of the sync changed. */
export async function rederiveAfter(
  tx: Db,
  table: 'contacts' | 'account_contact_relations',
  batch: number,
): Promise<void> {
  const contact =
    table === 'contacts'
      ? sql`ch.row_id`
      : sql`(select r.contact_id from account_contact_relations r where r.id = ch.row_id)`;
  await rederiveMemberships(
    tx,
    sql<string>`
    select distinct pc.person_id from mirror_changes ch join person_contacts pc on pc.contact_id = ${contact}
    where ch.batch = ${batch} and ch.table_name = ${table}`,
  );
}

interface Claim {
  person_id: string;
  to_id: string;
  matched_email: string;
  settled_by: string | null;
  linked_at: Date;
  is_first: boolean;
}

/**
 * Takes people's links over to the contacts that theirs became. A contact is one person at most: where the other one is linked
 * already, whoever's mailbox it has stays. @returns the people concerned
 */
export async function moveLinks(tx: Db, batch: number): Promise<string[]> {
  const { rows } = await sql<Claim>`
    with moves as (
      select m.from_id, m.to_id, c.email_normalized as email from mirror_moves m join contacts c on c.id = m.to_id
      where m.batch = ${batch} and m.table_name = 'contacts'),
    links as (
      select distinct on (pc.person_id, moves.to_id) pc.person_id, moves.to_id, pc.settled_by, pc.linked_at,
        coalesce(moves.email, pc.matched_email) as matched_email, p.email = moves.email as has_mailbox
      from person_contacts pc join people p on p.id = pc.person_id
      join moves on pc.contact_id in (moves.from_id, moves.to_id)
      order by pc.person_id, moves.to_id, pc.contact_id = moves.to_id desc)
    select person_id, to_id, matched_email, settled_by, linked_at,
      row_number() over (partition by to_id order by has_mailbox desc nulls last, linked_at, person_id) = 1 as is_first
    from links`.execute(tx);
  await sql`
    delete from person_contacts pc using mirror_moves m
    where m.batch = ${batch} and m.table_name = 'contacts' and pc.contact_id in (m.from_id, m.to_id)`.execute(
    tx,
  );
  const kept = rows.filter((row) => row.is_first);
  await sql`
    insert into person_contacts (person_id, contact_id, matched_email, settled_by, linked_at)
    select person_id, to_id, matched_email, settled_by, linked_at
    from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb)
      as kept (person_id uuid, to_id text, matched_email text, settled_by uuid, linked_at timestamptz)
    on conflict do nothing`.execute(tx);
  return rows.map(({ person_id: id }) => id);
}

/** Whoever had chosen an account that became another one has chosen that one. */
export async function moveChosenAccounts(tx: Db, batch: number): Promise<void> {
  await sql`
    update people p set chosen_account_id = m.to_id from mirror_moves m
    where m.batch = ${batch} and m.table_name = 'accounts' and p.chosen_account_id = m.from_id`.execute(tx);
}
