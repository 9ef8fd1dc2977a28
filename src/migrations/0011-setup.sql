-- Each look at whether the org is set up as Rapport needs it; the page shows the newest.
create table if not exists setup_checks (
  id bigint generated always as identity primary key,
  asked_by uuid references people (id) on delete set null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  finished_at timestamptz,
  area text not null,
  findings jsonb not null default '[]'
);
create index if not exists setup_checks_started_at on setup_checks (started_at desc);
