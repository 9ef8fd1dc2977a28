-- Lists of accounts are sorted by how much and how lately they are used, from either end.

-- commit;
create index concurrently if not exists account_engagement_score on account_engagement (engagement, account_id);
create index concurrently if not exists account_engagement_last on account_engagement (last_active_on, account_id);
