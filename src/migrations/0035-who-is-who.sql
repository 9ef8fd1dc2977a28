-- Who an account's people are changes seldom, what they do all day: `human` is the row of account_people that a user of an account is, so
-- that a refresh of everybody adds up numbers alone. It is settled again for the accounts that wait in people_due.
alter table usage_members add column human bigint;

-- Accounts whose people may be others than before, or be called otherwise. Whatever people are told by notes it, whoever writes it.
create table people_due (
  account_id text not null
);
create index people_due_account on people_due (account_id);

-- The day (UTC) on which everybody was last looked at, whether they were due or not.
create table people_compared (
  id boolean primary key default true check (id),
  day date not null
);

create function note_people_of_accounts() returns trigger language plpgsql as $$ begin
  insert into people_due select distinct id from touched;
  return null;
end $$;
create function note_people_of_contacts() returns trigger language plpgsql as $$ begin
  insert into people_due select distinct account_id from touched where account_id is not null;
  return null;
end $$;
create function note_people_of_usage() returns trigger language plpgsql as $$ begin
  insert into people_due
  select distinct u.account_id from touched t join usage_accounts u on u.id = t.usage_account where u.account_id is not null;
  return null;
end $$;

create function note_changed_account() returns trigger language plpgsql as $$ begin
  insert into people_due values (new.id);
  return null;
end $$;
create function note_changed_contact() returns trigger language plpgsql as $$ begin
  insert into people_due select distinct id from unnest(array[old.account_id, new.account_id]) id where id is not null;
  return null;
end $$;
create function note_rematched_account() returns trigger language plpgsql as $$ begin
  insert into people_due select id from unnest(array[old.account_id, new.account_id]) id where id is not null;
  update usage_members set human = null where usage_account = new.id and human is not null;
  return null;
end $$;
create function note_changed_user() returns trigger language plpgsql as $$ begin
  insert into people_due
  select distinct u.account_id from usage_accounts u
  where u.account_id is not null and (u.id in (old.usage_account, new.usage_account)
    or u.id in (select m.usage_account from usage_members m where m.person = new.id));
  return null;
end $$;

create trigger people_of_new_accounts after insert on accounts referencing new table as touched
  for each statement execute function note_people_of_accounts();
create trigger people_of_changed_accounts after update on accounts for each row
  when ((old.deleted_at is null) <> (new.deleted_at is null)) execute function note_changed_account();
create trigger people_of_gone_accounts after delete on accounts referencing old table as touched
  for each statement execute function note_people_of_accounts();

create trigger people_of_new_contacts after insert on contacts referencing new table as touched
  for each statement execute function note_people_of_contacts();
create trigger people_of_changed_contacts after update on contacts for each row
  when ((old.account_id, old.email, old.name, old.title, old.deleted_at is null)
    is distinct from (new.account_id, new.email, new.name, new.title, new.deleted_at is null)) execute function note_changed_contact();
create trigger people_of_gone_contacts after delete on contacts referencing old table as touched
  for each statement execute function note_people_of_contacts();

create trigger people_of_rematched_accounts after update on usage_accounts for each row
  when (old.account_id is distinct from new.account_id) execute function note_rematched_account();

create trigger people_of_new_users after insert on usage_people referencing new table as touched
  for each statement execute function note_people_of_usage();
create trigger people_of_changed_users after update on usage_people for each row
  when ((old.usage_account, old.email, old.name, old.external_id, old.contact_id)
    is distinct from (new.usage_account, new.email, new.name, new.external_id, new.contact_id)) execute function note_changed_user();
create trigger people_of_gone_users after delete on usage_people referencing old table as touched
  for each statement execute function note_people_of_usage();

create trigger people_of_new_members after insert on usage_members referencing new table as touched
  for each statement execute function note_people_of_usage();
create trigger people_of_gone_members after delete on usage_members referencing old table as touched
  for each statement execute function note_people_of_usage();

-- commit;
create index concurrently if not exists usage_members_person on usage_members (person);

-- commit;
-- In parts by account, so that several processors add up several parts at once, each whole: what they find needs no adding up again. While
-- it is copied, usage waits in the inbox, and everybody reads on.
lock table usage_person_days in share mode;
create table usage_person_days_parts (like usage_person_days) partition by hash (usage_account);
create table usage_person_days_0 partition of usage_person_days_parts for values with (modulus 8, remainder 0) with (fillfactor = 80);
create table usage_person_days_1 partition of usage_person_days_parts for values with (modulus 8, remainder 1) with (fillfactor = 80);
create table usage_person_days_2 partition of usage_person_days_parts for values with (modulus 8, remainder 2) with (fillfactor = 80);
create table usage_person_days_3 partition of usage_person_days_parts for values with (modulus 8, remainder 3) with (fillfactor = 80);
create table usage_person_days_4 partition of usage_person_days_parts for values with (modulus 8, remainder 4) with (fillfactor = 80);
create table usage_person_days_5 partition of usage_person_days_parts for values with (modulus 8, remainder 5) with (fillfactor = 80);
create table usage_person_days_6 partition of usage_person_days_parts for values with (modulus 8, remainder 6) with (fillfactor = 80);
create table usage_person_days_7 partition of usage_person_days_parts for values with (modulus 8, remainder 7) with (fillfactor = 80);
insert into usage_person_days_parts select * from usage_person_days;
alter table usage_person_days_parts add constraint usage_person_days_parts_pkey primary key (usage_account, day, person);
create index usage_person_days_parts_day on usage_person_days_parts (day);
create index usage_person_days_parts_person on usage_person_days_parts (person, day);
analyze usage_person_days_parts;
drop table usage_person_days;
alter table usage_person_days_parts rename to usage_person_days;
alter table usage_person_days rename constraint usage_person_days_parts_pkey to usage_person_days_pkey;
alter index usage_person_days_parts_day rename to usage_person_days_day;
alter index usage_person_days_parts_person rename to usage_person_days_person;
