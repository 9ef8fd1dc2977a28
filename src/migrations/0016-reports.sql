-- Reports: what people ask for beyond them, who uses Rapport, and what scores would have been worth.

create table report_requests (
  id uuid primary key default gen_random_uuid(),
  person_id uuid references people on delete set null,
  -- The report that was looked at, if any.
  report text,
  question text not null check (length(btrim(question)) between 1 and 2000),
  asked_at timestamptz not null,
  settled_by uuid references people on delete set null,
  settled_at timestamptz,
  answer text not null default ''
);
create index report_requests_open on report_requests (asked_at) where settled_at is null;
create index report_requests_person on report_requests (person_id);

-- How many pages each person opened, by day and by surface.
create table page_days (
  person_id uuid not null references people on delete cascade,
  day date not null,
  surface text not null check (surface in ('portal', 'partner', 'console', 'account')),
  pages integer not null,
  primary key (day, person_id, surface)
);
create index page_days_person on page_days (person_id);

-- A replay of one or two health profiles against what became of renewals. `sides`: profile, version and settings of each, as they
-- were when it was asked for. `result` once it is done.
create table backtests (
  id uuid primary key,
  sides jsonb not null,
  choices jsonb not null,
  -- The last day whose facts count: the day on which it was asked for.
  today date not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  days_done integer not null default 0,
  days_all integer not null,
  result jsonb,
  error text,
  asked_by uuid references people on delete set null,
  asked_at timestamptz not null,
  finished_at timestamptz,
  check ((state = 'done') = (result is not null))
);
create index backtests_asked_at on backtests (asked_at desc);

-- What became of each renewal that was due in the time that is looked at.
create table backtest_outcomes (
  backtest_id uuid not null references backtests on delete cascade,
  account_id text not null,
  due_on date not null,
  kept boolean not null,
  value_minor bigint not null,
  primary key (backtest_id, account_id, due_on)
);

-- How each side would have judged an account with an outcome ahead on an as-of day, knowing what was known then. A day is written
-- whole, in one transaction with `days_done`, so that a run that broke off goes on where it was.
create table backtest_judgements (
  backtest_id uuid not null references backtests on delete cascade,
  side smallint not null,
  day date not null,
  account_id text not null,
  rank text not null check (rank in ('good', 'average', 'poor')),
  score smallint not null check (score between 0 and 100),
  primary key (backtest_id, side, account_id, day)
);
