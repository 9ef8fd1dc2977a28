/** Tables of signing in: made once, at the sandbox's start. */
export const authTables = `
create table if not exists _session (
  id text primary key,
  user_id text not null,
  client_id text,
  kind text not null check (kind in ('oauth', 'soap', 'web')),
  scope text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz not null default now()
);
create table if not exists _oauth_code (
  code text primary key,
  client_id text not null,
  user_id text not null,
  redirect_uri text not null,
  scope text not null,
  nonce text,
  challenge text,
  created_at timestamptz not null default now()
);
create table if not exists _refresh_token (
  token text primary key,
  family uuid not null,
  client_id text not null,
  user_id text not null,
  scope text not null,
  replaced boolean not null default false,
  created_at timestamptz not null default now()
);
create table if not exists _client (
  id text primary key,
  secret text,
  name text not null,
  redirect_uris text[] not null default '{}',
  public_keys text[] not null default '{}',
  run_as text,
  created_at timestamptz not null default now()
);
alter table _client add column if not exists app text;
alter table _client add column if not exists policies jsonb;
alter table _refresh_token add column if not exists used_at timestamptz not null default now();
create table if not exists _consent (
  user_id text not null,
  client_id text not null,
  scope text not null,
  primary key (user_id, client_id)
);
create table if not exists _password (user_id text primary key, password text not null);
`;
