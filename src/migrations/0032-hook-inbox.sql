-- A post as it came, and beside it what was read of it when it came: [{id, event, kind, run, n, at, machine, email, detail}], without what goes
-- without saying. Read once: to compress it would cost more than to keep it.
alter table hook_inbox add column reading json;
alter table hook_inbox alter column reading set storage external;

-- Ids of events are compared byte by byte.
alter table delivery_events alter column event_id type text collate "C";
