-- How messages looked before, the latest first: what was written then can be dressed anew (src/content/redressing.ts).
alter table brand_kit add column former jsonb not null default '[]';
