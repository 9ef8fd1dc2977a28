-- A post as it came, and beside it what was read of it when it came: [{id, event, kind, bit, run, n, at, machine, email, detail, place}].
alter table hook_inbox add column reading json;

-- Ids of events are compared byte by byte.
alter table delivery_events alter column event_id type text collate "C";
