-- The figure of an account that says what it gets out of the product, as the company keeps it in Salesforce: a field, and what it is called.
create table health_impact (
  is_one boolean primary key default true check (is_one),
  field text not null,
  label text not null,
  changed_at timestamptz not null
);
alter table health add column if not exists impact integer;
alter table health_readings add column if not exists impact integer;
