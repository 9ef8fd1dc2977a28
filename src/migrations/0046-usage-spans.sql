-- From when until when each person did something in a module: rules about what was ever, or never, done read this instead of all days.
create table usage_spans (
  usage_account integer not null,
  person integer not null,
  module text not null,
  action text not null,
  first_on date not null,
  last_on date not null,
  primary key (usage_account, person, module, action)
) with (fillfactor = 80);
create index usage_spans_action on usage_spans (action, usage_account);
create index usage_spans_module on usage_spans (module, usage_account);

-- Whoever counts use need not know of it, a worker of the release before among them. Days that are there already bring nothing new.
create function keep_usage_spans() returns trigger language plpgsql as $$
begin
  insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
  select usage_account, person, module, action, min(day), max(day) from counted group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (usage_account, person, module, action) do update set
    first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on)
  where known.first_on > excluded.first_on or known.last_on < excluded.last_on;
  return null;
end $$;
create function empty_usage_spans() returns trigger language plpgsql as $$
begin
  delete from usage_spans;
  return null;
end $$;

-- commit;
create trigger usage_days_have_spans after insert on usage_days
  referencing new table as counted for each statement execute function keep_usage_spans();
create trigger usage_days_emptied after truncate on usage_days for each statement execute function empty_usage_spans();

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 0 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 1 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 2 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 3 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 4 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 5 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 6 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);

-- commit;
insert into usage_spans as known (usage_account, person, module, action, first_on, last_on)
select usage_account, person, module, action, min(day), max(day) from usage_days where usage_account % 8 = 7 group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (usage_account, person, module, action) do update set
  first_on = least(known.first_on, excluded.first_on), last_on = greatest(known.last_on, excluded.last_on);
