import { sql } from '../platform/db.ts';

/** The columns of `Insight`, of a row of insights. */
export const insightColumns = sql`
  id, account_id as "accountId", kind, data ->> 'rank' as rank, (data ->> 'score')::int as score,
  data ->> 'previousRank' as "previousRank", data -> 'reasons' as reasons, occurred_at as "occurredAt",
  data ->> 'name' as name, data ->> 'headline' as headline, coalesce(data -> 'evidence', '[]') as evidence`;
