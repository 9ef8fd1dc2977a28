-- Nurture tracks: several steps that people go through, each at their own time. (What is sent on the way: runs and deliveries of 0023.)

-- A track is a campaign to whatever sends, counts and explains its messages; its row here carries their class, caps and goal.
alter table campaigns add column kind text not null default 'campaign';
alter table campaigns add constraint campaigns_kind_check check (kind in ('campaign', 'track')) not valid;

create table tracks (
  -- Its campaign's.
  id uuid primary key references campaigns on delete cascade,
  status text not null default 'draft' check (status in ('draft', 'active', 'paused', 'archived')),
  -- The version that people go through; null until one was activated.
  version integer,
  -- When it began to take people in: what happened before that brings nobody.
  activated_at timestamptz,
  paused_at timestamptz,
  paused_by uuid,
  -- Null where a person did it: rule_broken.
  pause_reason text,
  -- Of a track that was made from a template: {code, parameters}.
  template jsonb,
  -- When it was asked last who meets the rule of its entry.
  asked_at timestamptz,
  check ((status = 'draft') = (version is null) or status = 'archived')
);

-- What a track says. The newest may be changed until it is active; from then on it stays as it is.
create table track_versions (
  track_id uuid not null references tracks on delete cascade,
  version integer not null,
  -- Checked by src/tracks/definition.ts.
  definition jsonb not null,
  state text not null check (state in ('draft', 'in_review', 'approved', 'active', 'replaced')),
  -- Which version of each message is sent, {message: version}: fixed when approval is asked for.
  messages jsonb,
  changed_at timestamptz not null,
  changed_by uuid not null,
  activated_at timestamptz,
  primary key (track_id, version)
);

-- One approval by a second person: of what a version says, by its hash.
create table track_approvals (
  id bigint generated always as identity primary key,
  track_id uuid not null references tracks on delete cascade,
  version integer not null,
  -- sha256 of the definition and of the versions of its messages.
  hash bytea not null,
  definition jsonb not null,
  messages jsonb not null,
  -- How many would have entered at that moment.
  people integer not null,
  requested_by uuid not null,
  requested_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  decision text check (decision in ('approved', 'rejected', 'withdrawn')),
  comment text not null default '',
  check (decided_by <> requested_by or decision = 'withdrawn')
);
create unique index track_approvals_open on track_approvals (track_id) where decision is null;
create index track_approvals_track on track_approvals (track_id, id desc);

-- The number of each step in deliveries.step, the same in all versions.
create table track_steps (
  track_id uuid not null references tracks on delete cascade,
  step text not null,
  number smallint not null check (number > 0),
  primary key (track_id, step),
  unique (track_id, number)
);

-- Who is in a track, and who was: a row for each time somebody entered.
create table track_people (
  track_id uuid not null,
  -- account_people.id; no foreign key: who is there no more leaves with the next wave.
  person_id bigint not null,
  -- The first time is 1.
  entry smallint not null,
  -- The version that they came to their step by, and the step: null once they have left or are through.
  version integer not null,
  step text,
  state text not null default 'in' check (state in ('in', 'done', 'left')),
  -- What brought them: {kind, by, batch}.
  cause jsonb not null,
  zone text not null,
  entered_at timestamptz not null,
  -- When they came to their step, when it is to be looked at next, and of waits when they are over at the latest.
  arrived_at timestamptz not null,
  due_at timestamptz,
  until_at timestamptz,
  ended_at timestamptz,
  -- Why they left: words `tracks.reasons.<reason>`.
  reason text,
  primary key (track_id, person_id, entry),
  check ((state = 'in') = (step is not null and due_at is not null and ended_at is null))
) with (fillfactor = 70);
-- Nobody is in a track twice at a time.
create unique index track_people_in on track_people (track_id, person_id) where state = 'in';
create index track_people_due on track_people (track_id, due_at) where state = 'in';
create index track_people_person on track_people (person_id);
create index track_people_key on track_people (track_id, (cause ->> 'key')) where cause ->> 'key' is not null;

-- The steps that people have passed: each once a time around, whatever happens.
create table track_path (
  track_id uuid not null,
  person_id bigint not null,
  entry smallint not null,
  step text not null,
  version integer not null,
  arrived_at timestamptz not null,
  passed_at timestamptz not null,
  -- What came of it: words `tracks.outcomes.<outcome>`.
  outcome text not null,
  -- Of a message: its run is the one whose key is `wave:<wave>`; that run is about those who have this wave.
  wave bigint,
  primary key (track_id, person_id, entry, step)
);
create index track_path_wave on track_path (wave, person_id) where wave is not null;
create sequence track_waves;

-- Tasks that tracks wrote for account owners and success managers, by Rapport_Id__c.
create table track_tasks (
  id uuid primary key default gen_random_uuid(),
  track_id uuid not null,
  step text not null,
  account_id text not null,
  -- Null where one stands for all people of the account.
  person_id bigint,
  entry smallint,
  written_at timestamptz not null
);
create unique index track_tasks_person on track_tasks (track_id, person_id, entry, step) where person_id is not null;
create index track_tasks_account on track_tasks (account_id, track_id, step);

-- Counters of a track, kept by what moves its people; equal to the counts of their rows (tests hold that).
create table track_counts (
  track_id uuid not null references tracks on delete cascade,
  name text not null,
  count bigint not null,
  primary key (track_id, name)
);

-- The next moment after `at` that a clock on the wall in this zone shows this time, on one of these days (1 is Monday; none: any). A time that
-- clocks leave out comes as much later as they are put forward; of one that comes twice the first is meant. An unknown zone counts as UTC.
create function next_local_time(at timestamptz, zone text, clock time, weekdays integer[]) returns timestamptz
language plpgsql stable parallel safe as $$
declare
  wall timestamp;
  moment timestamptz;
begin
  begin
    wall := at at time zone zone;
  exception when invalid_parameter_value then
    zone := 'UTC';
    wall := at at time zone zone;
  end;
  for days in 0..14 loop
    continue when cardinality(weekdays) > 0 and extract(isodow from wall::date + days)::integer <> all (weekdays);
    moment := (wall::date + days + clock) at time zone zone;
    if (moment - interval '1 hour') at time zone zone = wall::date + days + clock then moment := moment - interval '1 hour'; end if;
    if moment > at then return moment; end if;
  end loop;
  return at;
end
$$;

-- commit;
alter table campaigns validate constraint campaigns_kind_check;

-- commit;
create index concurrently if not exists salesforce_tasks_rapport on salesforce_tasks (rapport_id) where rapport_id is not null;
