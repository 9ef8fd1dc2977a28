-- More of Salesforce: objects that every org has and Rapport reasons about, and one table for all those that an administrator adds.
-- Where Rapport has a thing of its own of that name, the table says that this one is Salesforce's.

create table if not exists leads (
  id text primary key,
  rapport_id text,
  first_name text,
  last_name text,
  name text not null,
  company text,
  title text,
  email text,
  phone text,
  country text,
  status text,
  source text,
  rating text,
  owner_id text,
  is_converted boolean not null default false,
  converted_account_id text,
  converted_contact_id text,
  converted_opportunity_id text,
  converted_on date,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists leads_email on leads (lower(btrim(email))) where deleted_at is null;
create index if not exists leads_converted_account on leads (converted_account_id);

create table if not exists salesforce_tasks (
  id text primary key,
  rapport_id text,
  subject text,
  status text,
  priority text,
  kind text,
  description text,
  account_id text,
  what_id text,
  who_id text,
  owner_id text,
  created_by_id text,
  due_on date,
  is_closed boolean not null default false,
  completed_at timestamptz,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists salesforce_tasks_account on salesforce_tasks (account_id, created_at desc);
create index if not exists salesforce_tasks_what on salesforce_tasks (what_id);
create index if not exists salesforce_tasks_who on salesforce_tasks (who_id);

create table if not exists salesforce_events (
  id text primary key,
  subject text,
  description text,
  account_id text,
  what_id text,
  who_id text,
  owner_id text,
  created_by_id text,
  starts_at timestamptz,
  ends_at timestamptz,
  is_all_day boolean not null default false,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists salesforce_events_account on salesforce_events (account_id, starts_at desc);
create index if not exists salesforce_events_what on salesforce_events (what_id);

create table if not exists assets (
  id text primary key,
  name text not null,
  account_id text,
  contact_id text,
  product_id text,
  serial_number text,
  status text,
  quantity numeric,
  price_minor bigint,
  purchased_on date,
  installed_on date,
  usage_ends_on date,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists assets_account on assets (account_id);
create index if not exists assets_contact on assets (contact_id);

create table if not exists contracts (
  id text primary key,
  number text,
  account_id text,
  status text,
  starts_on date,
  ends_on date,
  term_months integer,
  owner_id text,
  activated_at timestamptz,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists contracts_account on contracts (account_id, ends_on);

create table if not exists salesforce_campaigns (
  id text primary key,
  name text not null,
  parent_id text,
  type text,
  status text,
  starts_on date,
  ends_on date,
  is_active boolean not null default false,
  owner_id text,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);

create table if not exists salesforce_campaign_members (
  id text primary key,
  campaign_id text not null,
  lead_id text,
  contact_id text,
  status text,
  has_responded boolean not null default false,
  responded_on date,
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists salesforce_campaign_members_campaign on salesforce_campaign_members (campaign_id);
create index if not exists salesforce_campaign_members_contact on salesforce_campaign_members (contact_id);
create index if not exists salesforce_campaign_members_lead on salesforce_campaign_members (lead_id);

create table if not exists record_types (
  id text primary key,
  sobject text not null,
  name text not null,
  developer_name text,
  is_active boolean not null default true,
  attributes jsonb not null default '{}',
  modified_at timestamptz not null,
  deleted_at timestamptz
);

-- Any other object: a row of Salesforce's, its fields under their own names. Ids are unique in an org whatever the object.
create table if not exists salesforce_records (
  id text primary key,
  sobject text not null,
  name text not null default '',
  attributes jsonb not null default '{}',
  created_at timestamptz,
  modified_at timestamptz not null,
  deleted_at timestamptz
);
create index if not exists salesforce_records_sobject on salesforce_records (sobject, id);

-- What administrators chose, beside what the code maps. Every change is a row of mapping_changes, whose greatest id is the
-- revision that a running sync compares with its own.
create table if not exists chosen_objects (
  sobject text primary key,
  chosen_at timestamptz not null
);
create table if not exists left_out_fields (
  sobject text not null,
  field text not null,
  primary key (sobject, field)
);
create table if not exists mapped_fields (
  sobject text not null,
  column_name text not null,
  field text not null,
  primary key (sobject, column_name)
);

-- Who has the last word about a field that both sides may write. Fields without a row are shared: neither side is overruled
-- without a person having looked.
create table if not exists field_owners (
  sobject text not null,
  field text not null,
  owner text not null check (owner in ('salesforce', 'rapport', 'shared')),
  primary key (sobject, field)
);
insert into field_owners (sobject, field, owner) values
  ('Account', 'Rapport_Id__c', 'rapport'),
  ('Account', 'Rapport_Health_Rank__c', 'rapport'),
  ('Account', 'Rapport_Health_Score__c', 'rapport'),
  ('Account', 'Rapport_Health_Reasons__c', 'rapport'),
  ('Account', 'Rapport_Health_At__c', 'rapport'),
  ('Account', 'Rapport_Profile_URL__c', 'rapport'),
  ('Account', 'Rapport_Distributor__c', 'salesforce'),
  ('Account', 'Rapport_Partner__c', 'salesforce'),
  ('Contact', 'Rapport_Id__c', 'rapport'),
  ('Contact', 'Rapport_Beta__c', 'salesforce'),
  ('Contact', 'Rapport_Locale__c', 'salesforce'),
  ('Product2', 'Rapport_Kind__c', 'salesforce'),
  ('Product2', 'Rapport_Edition__c', 'salesforce'),
  ('Product2', 'Rapport_Version__c', 'salesforce'),
  ('Contact', 'Email', 'shared'),
  ('Lead', 'Rapport_Id__c', 'rapport'),
  ('Lead', 'FirstName', 'salesforce'),
  ('Lead', 'LastName', 'salesforce'),
  ('Lead', 'Company', 'salesforce'),
  ('Lead', 'Email', 'salesforce'),
  ('Lead', 'LeadSource', 'salesforce'),
  ('Lead', 'Description', 'salesforce'),
  ('Case', 'Rapport_Id__c', 'rapport'),
  ('Case', 'Status', 'shared'),
  ('Case', 'Subject', 'shared'),
  ('Case', 'Description', 'shared'),
  ('Case', 'Priority', 'salesforce'),
  ('Case', 'Origin', 'salesforce'),
  ('Case', 'AccountId', 'salesforce'),
  ('Case', 'ContactId', 'salesforce'),
  ('Case', 'Rapport_Product__c', 'shared'),
  ('Case', 'Rapport_Locale__c', 'rapport'),
  ('Rapport_License__c', 'Rapport_Account__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Product__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Opportunity__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Edition__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Version__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Code__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Kind__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Seats__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Status__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Trial__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Purchased_On__c', 'salesforce'),
  ('Rapport_License__c', 'Rapport_Support_Until__c', 'salesforce'),
  ('CaseComment', 'CommentBody', 'shared'),
  ('CaseComment', 'IsPublished', 'salesforce')
on conflict do nothing;

-- The settings of one object before and after; `undoes` names the change that was taken back.
create table if not exists mapping_changes (
  id bigint generated always as identity primary key,
  sobject text not null,
  before jsonb not null,
  after jsonb not null,
  changed_by uuid references people on delete set null,
  changed_at timestamptz not null,
  undoes bigint references mapping_changes
);
create index if not exists mapping_changes_sobject on mapping_changes (sobject, id desc);

-- `field_types`: every readable field as it was described last. `backfill`: fields whose values still have to be read for rows
-- that are in the mirror already. `unfit_fields`: mapped fields whose type no longer fits their column, which keeps what it had.
-- `load_begun_at`, `changed_at`, `refreshed_at`: by our clock.
alter table sync_states add column if not exists field_types jsonb not null default '{}';
alter table sync_states add column if not exists backfill text[] not null default '{}';
alter table sync_states add column if not exists unfit_fields text[] not null default '{}';
alter table sync_states add column if not exists load_begun_at timestamptz;
alter table sync_states add column if not exists changed_at timestamptz;
alter table sync_states add column if not exists refreshed_at timestamptz;
alter table sync_states add column if not exists is_chosen boolean not null default false;

create table if not exists field_notices (
  id bigint generated always as identity primary key,
  sobject text not null,
  field text not null,
  notice text not null check (notice in ('readable', 'gone', 'retyped', 'unfit')),
  detail text not null default '',
  noticed_at timestamptz not null
);
create index if not exists field_notices_sobject on field_notices (sobject, noticed_at desc);

-- Records that became another one: merged in Salesforce, or found again under a new id after an org was copied over.
create table if not exists mirror_moves (
  batch bigint not null,
  table_name text not null,
  from_id text not null,
  to_id text not null,
  recorded_at timestamptz not null default now(),
  primary key (batch, from_id)
);
create index if not exists mirror_moves_from on mirror_moves (table_name, from_id);

-- The org that the mirror is of. Another one behind the same address stops the exchange until a person confirms it.
create table if not exists salesforce_orgs (
  org_id text primary key,
  instance_url text not null,
  seen_at timestamptz not null,
  confirmed_at timestamptz,
  confirmed_by uuid references people on delete set null,
  is_current boolean not null default false,
  check (not is_current or confirmed_at is not null)
);
create unique index if not exists salesforce_orgs_current on salesforce_orgs (is_current) where is_current;

-- The proof that the mirror is right: every comparison with Salesforce, what differed, and what each day came to.
create table if not exists drift_runs (
  id bigint generated always as identity primary key,
  sobject text not null,
  kind text not null check (kind in ('sampled', 'full')),
  asked_by uuid references people on delete set null,
  state text not null default 'running' check (state in ('waiting', 'running', 'done', 'failed')),
  expected bigint,
  compared bigint not null default 0,
  differing bigint not null default 0,
  mended bigint not null default 0,
  last_id text,
  error text,
  asked_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz
);
create index if not exists drift_runs_open on drift_runs (id) where state in ('waiting', 'running');
create index if not exists drift_runs_sobject on drift_runs (sobject, id desc);

create table if not exists drift_findings (
  id bigint generated always as identity primary key,
  run_id bigint not null references drift_runs on delete cascade,
  sobject text not null,
  record_id text not null,
  field text,
  ours text,
  theirs text,
  cause text not null check (cause in ('formula', 'silent', 'missed', 'hard_delete', 'revived', 'local', 'unknown')),
  is_mended boolean not null default false,
  found_at timestamptz not null
);
create index if not exists drift_findings_found on drift_findings (found_at desc, id desc);
create index if not exists drift_findings_run on drift_findings (run_id);

create table if not exists drift_days (
  sobject text not null,
  day date not null,
  compared bigint not null default 0,
  differing bigint not null default 0,
  mended bigint not null default 0,
  primary key (sobject, day)
);

-- The ids that a full comparison has met, and those that it found to differ: these are read once more before anything is said.
create unlogged table if not exists drift_met (
  run_id bigint not null,
  id text not null
);
create index if not exists drift_met_id on drift_met (run_id, id);
create table if not exists drift_suspects (
  run_id bigint not null references drift_runs on delete cascade,
  id text not null,
  primary key (run_id, id)
);

-- When what hung on a record that became another one was read again.
alter table mirror_moves add column if not exists children_read_at timestamptz;
create index if not exists mirror_moves_unread on mirror_moves (batch) where children_read_at is null;

-- The org that a session is of; one that is not the mirror's is not used.
alter table salesforce_sessions add column if not exists org_id text;
