/**
 * The applications that may sign in. `rapport` is built in; others, and the keys that may sign JWT assertions, are
 * registered with `POST /__sandbox__/clients {id, secret, name, redirectUris, publicKey, runAs}`. A key for `rapport`
 * itself may also come from the environment: SANDBOX_JWT_PUBLIC_KEY (PEM, a public key or a certificate).
 * `publicKey` is added to the keys that the client has, so a repeated registration does no harm.
 */
import { timingSafeEqual } from 'node:crypto';

import { oauthClient, staff } from '../../cast.ts';

import type { Db } from '../../database.ts';
import type { Policies } from './policies.ts';

/** An External Client App of the org. */
export interface Client {
  id: string;
  secret: string | null;
  name: string;
  redirectUris: string[];
  /** PEM public keys or certificates whose owner may sign assertions in this client's name. */
  publicKeys: string[];
  /** Username of the user that client credentials act for. */
  runAs: string | null;
  /** Of an External Client App that was deployed; one that the control plane registered may do everything. */
  policies: Policies | null;
}

/** What a registration may set; what it leaves out stays as it is. */
export interface Registration {
  id: string;
  secret?: string | undefined;
  name?: string | undefined;
  redirectUris?: string[] | undefined;
  publicKey?: string | undefined;
  runAs?: string | undefined;
}

/** The client of that id, or undefined. */
export async function maybeClient(db: Db, id: string | undefined): Promise<Client | undefined> {
  if (id === undefined) return undefined;
  const { rows } = await db.query(
    `select id, secret, name, redirect_uris as "redirectUris", public_keys as "publicKeys", run_as as "runAs", policies
     from _client where id = $1`,
    [id],
  );
  const registered = (rows as Client[])[0];
  return id === oauthClient.id ? withRegistered(builtIn(), registered) : registered;
}

function builtIn(): Client {
  const key = process.env.SANDBOX_JWT_PUBLIC_KEY;
  return {
    id: oauthClient.id,
    secret: oauthClient.secret,
    name: 'Rapport',
    redirectUris: process.env.PUBLIC_URL === undefined ? [] : [process.env.PUBLIC_URL],
    publicKeys: key === undefined ? [] : [key.replaceAll('\\n', '\n')],
    runAs: staff.admin.username,
    policies: null,
  };
}

function withRegistered(client: Client, registered: Client | undefined): Client {
  if (!registered) return client;
  return {
    ...client,
    runAs: registered.runAs ?? client.runAs,
    redirectUris: [...client.redirectUris, ...registered.redirectUris],
    publicKeys: [...client.publicKeys, ...registered.publicKeys],
  };
}

/** Registers a client, or adds to one. */
export async function registerClient(db: Db, registration: Registration): Promise<void> {
  const { id, secret, name, redirectUris = [], publicKey, runAs } = registration;
  await db.query(
    `insert into _client (id, secret, name, redirect_uris, public_keys, run_as) values ($1, $2, coalesce($3, $1), $4, $5, $6)
     on conflict (id) do update set
       secret = coalesce($2, _client.secret), name = coalesce($3, _client.name), run_as = coalesce($6, _client.run_as),
       redirect_uris = (select coalesce(array_agg(distinct uri), '{}') from unnest(_client.redirect_uris || $4::text[]) uri),
       public_keys = (select coalesce(array_agg(distinct key), '{}') from unnest(_client.public_keys || $5::text[]) key)`,
    [
      id,
      secret ?? null,
      name ?? null,
      redirectUris,
      publicKey === undefined ? [] : [publicKey],
      runAs ?? null,
    ],
  );
}

/**
 * Whether the client may be answered at that address: a deployed app only at one of its callbacks; others at any on this machine, one
 * registered, or one under a registered origin.
 */
export function mayRedirectTo(client: Client, address: string): boolean {
  if (client.policies) return client.redirectUris.includes(address);
  const url = parsed(address);
  if (!url) return false;
  if (['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return true;
  return client.redirectUris.some((allowed) => allowed === address || isOriginOf(allowed, url));
}

function isOriginOf(allowed: string, url: URL): boolean {
  const base = parsed(allowed);
  return base?.pathname === '/' && base.origin === url.origin;
}

function parsed(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}

/** Whether the secret is the client's, compared in constant time. */
export function isSecretOf(client: Client, secret: string | undefined): boolean {
  if (client.secret === null || secret === undefined) return false;
  const [given, own] = [Buffer.from(secret), Buffer.from(client.secret)];
  return given.length === own.length && timingSafeEqual(given, own);
}
