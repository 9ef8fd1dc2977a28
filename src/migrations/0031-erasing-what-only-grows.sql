-- Tables that only grow let nobody change a row but the erasure of a person, which says so (`rapport.erasing`).
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_setting('rapport.erasing', true) = 'yes' then return null; end if;
  raise exception '% only grows', tg_table_name using errcode = 'restrict_violation';
end $$;
