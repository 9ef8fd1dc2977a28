-- Who reads a channel decides in which language and zone alerts are told there.
alter table webhooks
  add column locale text not null default 'en',
  add column time_zone text not null default 'UTC';
