import type pg from 'pg';

import { changesAtRate, type Org } from './changes.ts';

/**
 * The least that following Salesforce can be: one query for what changed lately and one upsert of it, over and over without a pause,
 * of two fields, by nobody who has anything else to do. Resolves to the latencies in milliseconds.
 */
export async function followBare(org: Org, database: pg.Client, seconds: number): Promise<number[]> {
  await database.query(
    'create unlogged table if not exists bench_floor (id text primary key, site text, at timestamptz)',
  );
  const latencies = new Map<string, number>();
  const ending = { isOver: false };
  const following = follow(org, database, { latencies, ending });
  const sent = await changesAtRate(org, { perSecond: 500, seconds });
  while ([...sent.keys()].some((site) => !latencies.has(site)))
    await new Promise((wait) => setTimeout(wait, 20));
  ending.isOver = true;
  await following;
  return [...sent].map(([site, at]) => (latencies.get(site) ?? NaN) - at);
}

interface Course {
  latencies: Map<string, number>;
  ending: { isOver: boolean };
}

async function follow({ ask }: Org, database: pg.Client, { latencies, ending }: Course): Promise<void> {
  let from = new Date(Date.now() - 2_000).toISOString();
  while (!ending.isOver) {
    const soql = `SELECT Id, Site, SystemModstamp FROM Account WHERE SystemModstamp >= ${from} ORDER BY SystemModstamp`;
    const { records } = (await ask('GET', `/query?q=${encodeURIComponent(soql)}`)) as { records: Row[] };
    await database.query(
      `insert into bench_floor select r."Id", r."Site", r."SystemModstamp"
         from json_to_recordset($1) as r("Id" text, "Site" text, "SystemModstamp" timestamptz)
       on conflict (id) do update set site = excluded.site, at = excluded.at`,
      [JSON.stringify(records)],
    );
    for (const { Site } of records) if (!latencies.has(Site)) latencies.set(Site, Date.now());
    const newest = records.at(-1)?.SystemModstamp;
    if (newest !== undefined) from = new Date(newest.replace('+0000', 'Z')).toISOString();
  }
}

interface Row {
  Id: string;
  Site: string;
  SystemModstamp: string;
}
