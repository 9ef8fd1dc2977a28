-- What the pages of a large base are sorted and narrowed down by.

-- commit;
create index concurrently if not exists accounts_employees on accounts (employees, id) where deleted_at is null;
create index concurrently if not exists accounts_city on accounts (billing_city, id) where deleted_at is null;
create index concurrently if not exists health_renewal_any on health (renewal_on, account_id);
