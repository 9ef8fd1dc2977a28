import { firstIds } from '../../sandbox/salesforce/schema/first-rows.ts';

import { differences } from './comparison.ts';
import { cycle, settle } from './settle.ts';

import type { Taken } from './history.ts';
import type { Acts, World } from './world.ts';

/** Lets both sides come to rest and judges them. @returns what is wrong, in lines; nothing when all is well */
export async function verdict(world: World): Promise<string[]> {
  const restless = await settle(world);
  return [
    ...restless,
    ...(await differences(world)),
    ...(await lostOrDoubled(world)),
    ...(await echoes(world)),
    ...(await missed(world)),
    ...flips(await world.history(), await aliases(world), {
      acts: world.acts,
      refused: new Set([...(await refusedIds(world)), ...(await mergedAway(world))]),
    }),
  ];
}

interface Count {
  id: string;
  count: number;
}

async function countsIn(world: World, statement: string): Promise<Map<string, number>> {
  const { rows } = await world.org.pool.query(statement);
  return new Map((rows as Count[]).map(({ id, count }) => [id, count]));
}

/** Each act of a person, and each of the product's own, stands in the org once, or among what staff are shown. */
export async function lostOrDoubled(world: World): Promise<string[]> {
  const { acts } = world;
  const refused = await refusedIds(world);
  const found: string[] = [];
  const check = (what: string, id: string, count: number | undefined) => {
    if ((count ?? 0) > 1) found.push(`${what} ${id} is in the org ${String(count)} times`);
    if ((count ?? 0) === 0 && !refused.has(id))
      found.push(`${what} ${id} is lost: neither in the org nor shown to staff`);
  };
  const cases = await countsIn(world, byRapportId('Case'));
  for (const id of acts.cases.keys()) check('case', id, cases.get(id));
  const insights = await countsIn(world, byRapportId('Rapport_Insight__c'));
  for (const id of acts.insights.keys()) check('insight', id, insights.get(id));
  const comments = (await world.org.pool.query('select "CommentBody" as body from sandbox."CaseComment"'))
    .rows as { body: string }[];
  for (const [id, { mark }] of acts.comments)
    check('comment', id, comments.filter(({ body }) => body.includes(mark)).length);
  return [
    ...found,
    ...(await lostStatuses(world)),
    ...(await lostScores(world)),
    ...(await lostTitles(world)),
  ];
}

const byRapportId = (sobject: string) =>
  `select "Rapport_Id__c" as id, count(*) as count from sandbox."${sobject}" where "Rapport_Id__c" is not null group by 1`;

/** Our ids of what Salesforce refused and staff are shown, with what waits for it. */
async function refusedIds(world: World): Promise<Set<string>> {
  const { rows } = await world.sql<{ id: string }>`
    select unnest(array[coalesce(rapport_id, salesforce_id), split_part(record_key, ':', 2)]) as id from outbox o
    where status in ('failed', 'conflict') or status = 'waiting' and exists (
      select from outbox p where p.record_key = o.serial_key and p.status in ('failed', 'conflict'))`.execute(
    world.db,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Where people here alone set a case's status, the last one counts. */
async function lostStatuses(world: World): Promise<string[]> {
  const refused = await refusedIds(world);
  const { rows } = await world.org.pool.query(`
    select m.id::text, c."Id" as "salesforceId", c."Status" as status, exists (
      select from public.convergence_history h where h.side = 'org' and h.id = c."Id" and h.field = 'Status'
        and h.by <> '${firstIds.admin}'
        and h.seq > (select min(seq) from public.convergence_history f where f.side = 'org' and f.id = c."Id")) as touched
    from public.cases m join sandbox."Case" c on c."Id" = m.salesforce_id where not c."IsDeleted"`);
  return (rows as { id: string; salesforceId: string; status: string; touched: boolean }[]).flatMap(
    ({ id, status, touched }) => {
      const last = world.acts.statuses.get(id)?.at(-1);
      if (last === undefined || touched || refused.has(id) || last === status) return [];
      return [`case ${id} is ${status} in the org, and people here alone made it ${last}`];
    },
  );
}

/** Fields that Rapport alone writes hold what it wrote last. */
async function lostScores(world: World): Promise<string[]> {
  const refused = await refusedIds(world);
  const scores = await countsIn(
    world,
    `select "Id" as id, coalesce("Rapport_Health_Score__c", -1) as count from sandbox."Account" where not "IsDeleted"`,
  );
  return [...world.acts.scores].flatMap(([id, score]) => {
    const there = scores.get(id);
    if (there === undefined || refused.has(id) || there === score || world.hadWorker) return [];
    return [`account ${id} has the score ${String(there)} in the org, and ${String(score)} was written last`];
  });
}

/** What somebody wrote into a field that both sides may change got there once, or waits for a decision; only the last counts. */
async function lostTitles(world: World): Promise<string[]> {
  const refused = await refusedIds(world);
  const titles = (await world.history()).filter(({ side, field }) => side === 'org' && field === 'Title');
  return [...world.acts.titles].flatMap(([id, given]) => {
    const times = titles.filter(({ value }) => value === given.at(-1)).length;
    if (times === 1 || (times === 0 && refused.has(id))) return [];
    return [`contact ${id} became ${String(given.at(-1))} ${String(times)} times in the org`];
  });
}

/** What a comparison finds that the polls had not seen was lost until then. */
async function missed(world: World): Promise<string[]> {
  const { rows } = await world.sql<{ cause: string; sobject: string; id: string; field: string | null }>`
    select cause, sobject, record_id as id, field from drift_findings
    where cause in ('missed', 'revived', 'unknown')`.execute(world.db);
  return rows.map(
    ({ cause, sobject, id, field }) => `the comparison found ${sobject} ${id} ${field ?? ''} ${cause}`,
  );
}

/** After all has come to rest, two more rounds write nothing and touch nothing. */
export async function echoes(world: World): Promise<string[]> {
  const before = await stamps(world);
  const since = await lastLogged(world);
  for (let round = 0; round < 2; round += 1) await cycle(world);
  const writes = await world.org.pool.query(
    `select method, path from sandbox._log where id > $1 and method <> 'GET'
       and path !~ '/(composite|composite/batch)$' and path !~ '/services/oauth2/' and path !~ '/jobs/query'`,
    [since],
  );
  const found = (writes.rows as { method: string; path: string }[]).map(
    ({ method, path }) => `nobody asked for ${method} ${path}`,
  );
  const after = await stamps(world);
  return [
    ...found,
    ...after.filter((one) => !before.includes(one)).map((one) => `touched without reason: ${one}`),
  ];
}

async function stamps(world: World): Promise<string[]> {
  const each = ['Account', 'Contact', 'Case', 'CaseComment', 'Rapport_Insight__c'].map(
    (sobject) => `select "Id" || ' ' || "SystemModstamp" as one from sandbox."${sobject}"`,
  );
  const { rows } = await world.org.pool.query(each.join(' union all '));
  return (rows as { one: string }[]).map(({ one }) => one);
}

/** The log is written behind the requests; asking for it through the control plane waits for that. */
async function lastLogged(world: World): Promise<number> {
  await fetch(`${world.sandbox.url}/__sandbox__/log?limit=1`);
  const { rows } = await world.org.pool.query('select coalesce(max(id), 0) as id from sandbox._log');
  return (rows as { id: number }[])[0]?.id ?? 0;
}

/** Records that became others: an act on one counts for its master, and the tombstone keeps what Salesforce says of it. */
async function mergedAway(world: World): Promise<string[]> {
  const { rows } = await world.sql<{ id: string }>`
    select id::text from cases where deleted_at is not null and attributes ? 'MasterRecordId'
    union all select id from contacts where deleted_at is not null and attributes ? 'MasterRecordId'
    union all select id from accounts where deleted_at is not null and attributes ? 'MasterRecordId'`.execute(
    world.db,
  );
  return rows.map(({ id }) => id);
}

/** Which key of the mirror means which id of Salesforce's. */
async function aliases(world: World): Promise<Map<string, string>> {
  const { rows } = await world.sql<{ id: string; salesforceId: string }>`
    select id::text, salesforce_id as "salesforceId" from cases where salesforce_id is not null`.execute(
    world.db,
  );
  return new Map(rows.map(({ id, salesforceId }) => [id, salesforceId]));
}

/**
 * A field takes a value in the mirror once for each time that somebody gave it that value, in Salesforce or here; our own writes
 * that arrive there are no reason. Once more, and it has flipped back to what was over. Where a write of ours was refused,
 * going back is right.
 */
function flips(
  history: Taken[],
  salesforceIds: Map<string, string>,
  { acts, refused }: { acts: Acts; refused: Set<string> },
): string[] {
  const reasons = new Map<string, number>();
  const taken = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const keyOf = (id: string, { sobject, field, value }: Pick<Taken, 'sobject' | 'field' | 'value'>) =>
    `${sobject} ${salesforceIds.get(id) ?? id} ${field} ${String(value)}`;
  for (const [id, statuses] of acts.statuses)
    for (const value of statuses) count(reasons, keyOf(id, { sobject: 'Case', field: 'Status', value }));
  for (const one of history) {
    if (one.side === 'org' && one.by !== firstIds.admin) count(reasons, keyOf(one.id, one));
    const isRefused = refused.has(one.id) || refused.has(salesforceIds.get(one.id) ?? '');
    if (one.side === 'mirror' && !isRefused) count(taken, keyOf(one.id, one));
  }
  return [...taken].flatMap(([key, times]) => {
    const most = Math.max(reasons.get(key) ?? 0, 1);
    return times > most
      ? [`${key}: the mirror took this value ${String(times)} times, for ${String(most)} reasons`]
      : [];
  });
}
