import { db, sql } from '../platform/db.ts';

/** A browser that a person asked to be told in. */
export interface Subscription {
  id: string;
  address: string;
  endpoint: string;
  p256dh: string;
  auth: string;
}

export async function selectSubscriptions(addresses: readonly string[]): Promise<Subscription[]> {
  const { rows } = await sql<Subscription>`
    select s.id, a.address, s.endpoint, s.p256dh, s.auth
    from (select address, erasure_hash(address) as hash from unnest(${[...addresses]}::text[]) as address) a
    join push_subscriptions s on s.address_hash = a.hash order by s.created_at`.execute(db);
  return rows;
}

/** Forgets browsers that are there no more, and notes which were reached. */
export async function noteReached(
  ids: { gone: readonly string[]; used: readonly string[] },
  at: Date,
): Promise<void> {
  await sql`delete from push_subscriptions where id = any(${[...ids.gone]}::uuid[])`.execute(db);
  await sql`update push_subscriptions set used_at = ${at} where id = any(${[...ids.used]}::uuid[])`.execute(
    db,
  );
}

/** One browser belongs to whoever asked last in it. */
export async function keepSubscription(
  {
    personId,
    email,
    endpoint,
    p256dh,
    auth,
  }: Omit<Subscription, 'id' | 'address'> & { personId: string; email: string },
  at: Date,
): Promise<void> {
  await sql`
    insert into push_subscriptions (address_hash, person_id, endpoint, p256dh, auth, created_at)
    values (erasure_hash(${email}), ${personId}, ${endpoint}, ${p256dh}, ${auth}, ${at})
    on conflict (endpoint) do update set address_hash = excluded.address_hash, person_id = excluded.person_id, p256dh = excluded.p256dh,
      auth = excluded.auth, created_at = excluded.created_at`.execute(db);
}

export async function removeSubscription(personId: string, endpoint: string): Promise<void> {
  await sql`delete from push_subscriptions where person_id = ${personId} and endpoint = ${endpoint}`.execute(
    db,
  );
}

export interface Keys {
  publicKey: string;
  sealed: string;
}

export async function maybeKeys(): Promise<Keys | undefined> {
  const { rows } = await sql<Keys>`
    select public_key as "publicKey", sealed_private_key as sealed from push_keys`.execute(db);
  return rows[0];
}

/** Keeps the first pair; whoever made another meanwhile reads that one. */
export async function insertKeys({ publicKey, sealed }: Keys, at: Date): Promise<void> {
  await sql`
    insert into push_keys (public_key, sealed_private_key, created_at) values (${publicKey}, ${sealed}, ${at}) on conflict do nothing`.execute(
    db,
  );
}
