-- What the console keeps of its own: views of lists that people saved, accounts that they took off the lists, how the whole base
-- stood each day, and what Salesforce says of the fields that people change here.

-- A list as somebody likes it: its address' query holds filters, order and columns. `is_shared`: every colleague finds it, too.
create table saved_views (
  id uuid primary key default gen_random_uuid(),
  person_id uuid not null references people on delete cascade,
  list text not null check (list in ('accounts', 'health')),
  name text not null check (length(name) between 1 and 80),
  query text not null check (length(query) <= 2000),
  is_shared boolean not null default false,
  changed_at timestamptz not null
);
create unique index saved_views_name on saved_views (person_id, list, lower(name));
create index saved_views_shared on saved_views (list) where is_shared;

-- The view that a person's list begins with.
create table default_views (
  person_id uuid not null references people on delete cascade,
  list text not null,
  view_id uuid not null references saved_views on delete cascade,
  primary key (person_id, list)
);
create index default_views_view on default_views (view_id);

-- The junk-list (AP8): accounts that count in no list, no distribution and no smart list. The mirror keeps them.
create table removed_accounts (
  account_id text primary key,
  reason text not null default '',
  removed_by uuid references people on delete set null,
  removed_at timestamptz not null
);

-- How many paying accounts had each rank on each day; the last one is counted anew with every full run.
create table health_days (
  day date primary key,
  good integer not null,
  average integer not null,
  poor integer not null
);

-- An object's fields as Salesforce described them last: label, type, length, choices.
create table described_fields (
  sobject text primary key,
  fields jsonb not null,
  described_at timestamptz not null
);

-- Who looks after an account's success; where Salesforce names nobody, its owner does.
alter table accounts add column success_manager_id text;

insert into field_owners (sobject, field, owner) values ('Account', 'Rapport_Success_Manager__c', 'shared') on conflict do nothing;

-- commit;
create index concurrently if not exists accounts_manager on accounts (coalesce(success_manager_id, owner_id)) where deleted_at is null;
create index concurrently if not exists account_engagement_value on account_engagement (contract_value_minor, account_id);
create index concurrently if not exists health_renewal on health (renewal_on, account_id) where status = 'paying';
