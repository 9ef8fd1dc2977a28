import type { RawBuilder } from 'kysely';

import { prepared, sql } from '../platform/db.ts';

import { sources } from './timeline-sources.ts';
import type { Entry, Place, Topic } from './timeline.ts';

interface Asked {
  wanted: readonly Topic[];
  from: Place;
  limit: number;
}

/** JavaScript's moments end with the millisecond: places are told in these. Each source gives as many as the page takes, from an index of its own; the page is the latest of them all. */
export async function selectEntries(
  scope: RawBuilder<boolean>,
  accountId: string,
  { wanted, from, limit }: Asked,
): Promise<Entry[]> {
  const parts = sources
    .filter(({ topic }) => wanted.includes(topic))
    .map(
      ({ topic, kind, rows }) => sql`
      (select ${topic}::text as topic, ${kind}::text as kind, at, key, about
       from (select date_trunc('milliseconds', at) as at, ${`${kind}:`} || id::text as key, about
             from (${rows(accountId)}) source) entry
       where ${scope} and (at, key) < (${from.at}, ${from.key}) order by at desc, key desc limit ${limit})`,
    );
  if (parts.length === 0) return [];
  return await prepared(sql<Entry>`
    select topic, kind, at, key, about - 'signal' as about, about -> 'signal' as signal from (${sql.join(parts, sql` union all `)}) entry order by at desc, key desc limit ${limit}`);
}
