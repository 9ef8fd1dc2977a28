-- The approval of a track is asked for at once; a job counts whom it is for. Until then `people` is null, and nobody can decide.
alter table track_approvals alter column people drop not null;
-- What was counted: {skipped: {reason: people}, steps: {key: {reached, then, otherwise}}, asOf}. No names: what is approved outlives people.
alter table track_approvals add column forecast jsonb;
-- Why it could not be counted, where the request was taken back for that: rule_broken.
alter table track_approvals add column trouble text;
alter table track_approvals add constraint track_approvals_counted_check
  check (people is not null or decision is null or decision = 'withdrawn');
