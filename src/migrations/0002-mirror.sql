-- The mirror: what Salesforce holds, as it was at the last sync. Rows are tombstoned (deleted_at), never removed.
-- `modified_at` is SystemModstamp; `attributes` holds every readable field that has no column, under Salesforce's name.

create table users (
  id text primary key,
  name text not null,
  email text,
  username text,
  title text,
  phone text,
  is_active boolean not null default true,
  time_zone text,
  locale text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index users_email on users (lower(email));

create table permission_set_assignments (
  id text primary key,
  user_id text not null,
  permission_set text not null,
  attributes jsonb not null default '{}',
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index permission_set_assignments_user on permission_set_assignments (user_id);

create table accounts (
  id text primary key,
  rapport_id text,
  name text not null,
  parent_id text,
  type text,
  industry text,
  employees integer,
  annual_revenue_minor bigint,
  phone text,
  website text,
  billing_street text,
  billing_city text,
  billing_state text,
  billing_postal_code text,
  billing_country text,
  owner_id text,
  distributor_id text,
  partner_id text,
  last_activity_on date,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index accounts_name_search on accounts using gin (lower(name) gin_trgm_ops);
create index accounts_name on accounts (lower(name), id) where deleted_at is null;
create index accounts_parent on accounts (parent_id);
create index accounts_owner on accounts (owner_id);
create index accounts_partner on accounts (partner_id);
create index accounts_distributor on accounts (distributor_id);

create table contacts (
  id text primary key,
  rapport_id text,
  account_id text,
  first_name text,
  last_name text,
  name text not null,
  email text,
  email_normalized text generated always as (nullif(lower(btrim(email)), '')) stored,
  phone text,
  title text,
  department text,
  locale text,
  is_beta boolean not null default false,
  owner_id text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index contacts_account on contacts (account_id);
create index contacts_email on contacts (email_normalized) where deleted_at is null;

create table account_contact_relations (
  id text primary key,
  account_id text not null,
  contact_id text not null,
  is_direct boolean not null default false,
  is_active boolean not null default true,
  roles text[] not null default '{}',
  attributes jsonb not null default '{}',
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index account_contact_relations_contact on account_contact_relations (contact_id);
create index account_contact_relations_account on account_contact_relations (account_id);

create table opportunities (
  id text primary key,
  rapport_id text,
  account_id text,
  name text not null,
  type text,
  stage text not null,
  is_closed boolean not null default false,
  is_won boolean not null default false,
  amount_minor bigint,
  close_on date,
  owner_id text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index opportunities_account on opportunities (account_id, close_on);

create table products (
  id text primary key,
  name text not null,
  code text,
  family text,
  kind text,
  edition text,
  version text,
  description text,
  is_active boolean not null default true,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);

create table opportunity_lines (
  id text primary key,
  opportunity_id text not null,
  product_id text,
  name text,
  quantity numeric,
  unit_price_minor bigint,
  total_minor bigint,
  description text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index opportunity_lines_opportunity on opportunity_lines (opportunity_id);

create table licenses (
  id text primary key,
  rapport_id text,
  name text not null,
  account_id text,
  product_id text,
  opportunity_id text,
  edition text,
  version text,
  code text,
  kind text,
  seats integer,
  status text,
  is_trial boolean not null default false,
  purchased_on date,
  support_until date,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index licenses_account on licenses (account_id);
create index licenses_code on licenses (code);

-- A case has our own id, since it may be opened while Salesforce is down; `id` travels there as Rapport_Id__c.
create table cases (
  id uuid primary key default gen_random_uuid(),
  salesforce_id text unique,
  number text,
  account_id text,
  contact_id text,
  owner_id text,
  subject text not null,
  description text not null default '',
  status text not null,
  priority text,
  type text,
  origin text,
  product_id text,
  locale text,
  is_closed boolean not null default false,
  attributes jsonb not null default '{}',
  opened_by uuid,
  created_at timestamptz not null,
  closed_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index cases_account on cases (account_id, created_at desc);
create index cases_contact on cases (contact_id);

create table case_comments (
  id uuid primary key default gen_random_uuid(),
  salesforce_id text unique,
  case_id uuid,
  case_salesforce_id text,
  body text not null,
  is_published boolean not null default false,
  author_id text,
  written_by uuid,
  attributes jsonb not null default '{}',
  created_at timestamptz not null,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index case_comments_case on case_comments (case_id, created_at);
create index case_comments_unresolved on case_comments (case_salesforce_id) where case_id is null;

create table case_emails (
  id text primary key,
  case_id uuid,
  case_salesforce_id text,
  subject text,
  text_body text,
  html_body text,
  from_name text,
  from_address text,
  to_address text,
  is_incoming boolean not null default false,
  is_externally_visible boolean not null default false,
  sent_at timestamptz,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index case_emails_case on case_emails (case_id);
create index case_emails_unresolved on case_emails (case_salesforce_id) where case_id is null;

create table case_changes (
  id text primary key,
  case_id uuid,
  case_salesforce_id text,
  field text not null,
  old_value text,
  new_value text,
  changed_by text,
  created_at timestamptz,
  attributes jsonb not null default '{}',
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index case_changes_case on case_changes (case_id, created_at);
create index case_changes_unresolved on case_changes (case_salesforce_id) where case_id is null;

-- A file that hangs on a case: its newest version, and whether customers may see it (shared with AllUsers).
create table file_versions (
  id text primary key,
  document_id text not null,
  title text not null,
  path_on_client text,
  extension text,
  size_bytes bigint not null default 0,
  is_latest boolean not null default true,
  rapport_id text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index file_versions_document on file_versions (document_id) where is_latest;

create table file_links (
  id text primary key,
  document_id text not null,
  case_id uuid,
  case_salesforce_id text,
  visibility text,
  attributes jsonb not null default '{}',
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index file_links_case on file_links (case_id);
create index file_links_document on file_links (document_id);
create index file_links_unresolved on file_links (case_salesforce_id) where case_id is null;
