-- A run that tries its variants on a share of its people first: the rest wait, in batches of their own, for the variant that did best.
alter table batches
  add column is_rest boolean not null default false,
  drop constraint batches_state_check,
  add constraint batches_state_check check (state in ('waiting', 'ready', 'sending', 'sent', 'refused', 'doubt', 'cancelled')) not valid;

-- {variant, verdict, by, at, personId, variants: [{variant, sent, count}]}, once it was settled what the rest get.
alter table runs add column trial jsonb;

-- commit;
alter table batches validate constraint batches_state_check;

-- commit;
create index concurrently if not exists batches_waiting on batches (run_id) where state = 'waiting';
