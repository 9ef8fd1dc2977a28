/**
 * What is kept of events. A change waits in `_event_staged`, written by triggers in the transaction that made it; once that has
 * been committed the publisher gives it its replay id and puts it into `_event`, so that replay ids follow the order of commits.
 * The plan of a trigger's statement is kept, made for however few rows came first: a nested loop would be quadratic for many.
 */
export const eventTables = `
create sequence if not exists _replay_ids start 1001;
create table if not exists _event_staged (
  id bigint generated always as identity primary key,
  tx xid8 not null default pg_current_xact_id(),
  sobject text not null,
  change text not null,
  record_id text not null,
  fields jsonb not null,
  origin text not null,
  user_id text
);
create table if not exists _event (
  replay_id bigint primary key,
  topic text not null,
  message jsonb not null,
  enriched jsonb,
  at timestamptz not null
);
create index if not exists _event_topic on _event (topic, replay_id);
create index if not exists _event_at on _event (at);

create or replace function _stage_inserted() returns trigger language plpgsql as $$
begin
  insert into sandbox._event_staged (sobject, change, record_id, fields, origin, user_id)
  select tg_table_name, 'CREATE', n.row ->> 'Id', jsonb_strip_nulls(n.row), ${setting('origin')}, ${committer('n.row')}
    from (select to_jsonb(r) as row from new_rows r offset 0) n;
  perform pg_notify('sandbox_events', '');
  return null;
end $$;

create or replace function _stage_updated() returns trigger language plpgsql set enable_nestloop = off as $$
begin
  with n as materialized (select r."Id" as id, to_jsonb(r) as row from new_rows r),
       o as materialized (select r."Id" as id, to_jsonb(r) as row from old_rows r)
  insert into sandbox._event_staged (sobject, change, record_id, fields, origin, user_id)
  select tg_table_name, kind.change, n.row ->> 'Id',
         case when kind.change = 'UNDELETE' then jsonb_strip_nulls(n.row)
              else changed.fields || stamped.fields end,
         ${setting('origin')}, ${committer('n.row')}
    from n join o on o.id = n.id
    cross join lateral (
      select case when n.row -> 'IsDeleted' = o.row -> 'IsDeleted' or not n.row ? 'IsDeleted' then 'UPDATE'
                  when (n.row ->> 'IsDeleted')::boolean then 'DELETE' else 'UNDELETE' end as change) kind
    cross join lateral (
      select jsonb_object_agg(e.key, e.value) as fields
        from jsonb_each(n.row) e where e.value is distinct from o.row -> e.key) changed
    cross join lateral (
      select case when n.row ? 'LastModifiedDate' then jsonb_build_object('LastModifiedDate', n.row -> 'LastModifiedDate')
                  else '{}' end as fields) stamped
   where changed.fields is not null
     and not (kind.change = 'UPDATE' and coalesce((n.row ->> 'IsDeleted')::boolean, false));
  perform pg_notify('sandbox_events', '');
  return null;
end $$;

create or replace function _stage_deleted() returns trigger language plpgsql as $$
begin
  insert into sandbox._event_staged (sobject, change, record_id, fields, origin, user_id)
  select tg_table_name, 'DELETE', o.row ->> 'Id', '{}', ${setting('origin')}, ${committer('o.row')}
    from (select to_jsonb(r) as row from old_rows r offset 0) o
   where not coalesce((o.row ->> 'IsDeleted')::boolean, false);
  perform pg_notify('sandbox_events', '');
  return null;
end $$;

create or replace function _stage_published() returns trigger language plpgsql as $$
begin
  insert into sandbox._event_staged (sobject, change, record_id, fields, origin, user_id)
  values (tg_table_name, 'PUBLISH', new."Id", to_jsonb(new), ${setting('origin')}, ${committer('to_jsonb(new)')});
  perform pg_notify('sandbox_events', '');
  return null;
end $$;
`;

/** What `capture` noted for this transaction. */
function setting(name: 'origin' | 'user'): string {
  return `coalesce(current_setting('sandbox.change_${name}', true), '')`;
}

function committer(row: string): string {
  return `coalesce(nullif(${setting('user')}, ''), ${row} ->> 'LastModifiedById', ${row} ->> 'CreatedById')`;
}

const unlessSilenced = `when (coalesce(current_setting('sandbox.capture', true), '') <> 'off')`;

/** The statements that have the changes of a table noticed. */
export const recordTriggers = (table: string): string[] => [
  `create trigger _stage_inserted after insert on ${table} referencing new table as new_rows
     for each statement ${unlessSilenced} execute function _stage_inserted()`,
  `create trigger _stage_updated after update on ${table} referencing old table as old_rows new table as new_rows
     for each statement ${unlessSilenced} execute function _stage_updated()`,
  `create trigger _stage_deleted after delete on ${table} referencing old table as old_rows
     for each statement ${unlessSilenced} execute function _stage_deleted()`,
];

/** A platform event is published and never becomes a row. */
export const platformEventTriggers = (table: string): string[] => [
  `create trigger _stage_published before insert on ${table} for each row execute function _stage_published()`,
];

/** What a load of a whole org says first in its transaction: it emits no events. */
export const silence = `select set_config('sandbox.capture', 'off', true)`;
