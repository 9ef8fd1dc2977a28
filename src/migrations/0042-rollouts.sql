-- A run that goes out in cohorts: their batches wait until each is let go. Null where a run goes out as a whole.
alter table batches add column cohort smallint;

-- commit;
-- The cohorts of a run, in their order, written with its ledger; the last is everybody else.
create table run_cohorts (
  run_id bigint not null references runs,
  cohort smallint not null,
  name text not null,
  -- To whom of it was to be written when the run was planned.
  people integer not null,
  -- When the figures of the cohort before were found good once; they are looked at again as this one is let go.
  judged_at timestamptz,
  -- Somebody said that it may go on whatever the figures are.
  passed_at timestamptz,
  passed_by uuid,
  -- Set while it is held: by a person, for a person's word before each cohort, or by figures over the policy's limits.
  held_at timestamptz,
  held_by uuid,
  held_why text check (held_why in ('person', 'approval', 'limits')),
  -- Of limits: {tried, failed, bounced, complained, unsubscribed, over: [...]}.
  held_detail jsonb,
  let_go_at timestamptz,
  let_go_by uuid,
  primary key (run_id, cohort),
  check ((held_at is null) = (held_why is null))
);
create index run_cohorts_waiting on run_cohorts (run_id) where let_go_at is null and people > 0;
