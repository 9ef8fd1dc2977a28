import '../../src/campaigns/events.ts';
import type { Fixed } from '../../src/campaigns/runs/runs.ts';
import { Policy } from '../../src/campaigns/definition/policy.ts';
import { createMessage } from '../../src/content/messages.ts';
import { now } from '../../src/platform/clock.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';
import { record } from '../../src/platform/events.ts';

import { givenAccount } from './mirror.ts';
import { givenStaff, staffViewer } from './people.ts';

interface RunGiven {
  people: number;
  batchSize?: number;
  subject?: string;
  html?: string;
  messageClass?: Fixed['messageClass'];
  topic?: string | null;
  policy?: Partial<Policy>;
  limits?: Fixed['limits'];
  name?: string;
  channel?: Fixed['channel'];
}

/** A success manager, who owns campaigns. */
export async function givenOwner() {
  const person = await givenStaff({ roles: ['csm'] });
  return { ...person, viewer: await staffViewer(person) };
}

/** A message in English with these texts. */
export async function givenMessage(
  viewer: Awaited<ReturnType<typeof staffViewer>>,
  {
    subject = 'Hello {{ person.firstName | default: "there" }}',
    html = '<p>Dear {{ person.name }}, see <a href="https://tidewater.example/news">our news</a>.</p>',
  } = {},
): Promise<string> {
  return await createMessage(viewer, {
    name: 'News', description: '',
    content: {
      format: 'html', defaultLocale: 'en', weights: [1], tables: {},
      variants: [{ locale: 'en', variant: 0, subject, preheader: '', body: html }],
    },
  }); // prettier-ignore
}

/** A run whose audience is frozen: one account's people, in batches that are due. Nothing is set off until `begin`. */
export async function givenRun(
  owner: Awaited<ReturnType<typeof givenOwner>>,
  given: RunGiven,
): Promise<{ runId: number; campaignId: string; begin: () => Promise<void> }> {
  const {
    people,
    batchSize = 1_000,
    messageClass = 'success',
    topic = 'onboarding',
    name = 'News of the harbour',
    channel = 'email',
  } = given;
  const messageId = await givenMessage(owner.viewer, {
    ...(given.subject !== undefined && { subject: given.subject }),
    ...(given.html !== undefined && { html: given.html }),
  });
  const account = await givenAccount();
  const at = now();
  const fixed = {
    name, messageId, messageVersion: 1, messageClass, topic, channel, audience: null, source: { kind: 'list' },
    policy: { ...Policy.parse({}), ...given.policy }, limits: given.limits ?? { personCap: null, accountCap: null, quietHours: null },
    trigger: { kind: 'manual' },
  }; // prettier-ignore
  const { rows } = await sql<{ campaignId: string; runId: number }>`
    with campaign as (
      insert into campaigns (name, message_class, topic, channel, owner_id, message_id, status, created_at, changed_at)
      values (${name}, ${messageClass}, ${topic}, ${channel}, ${owner.id}, ${messageId}, 'active', ${at}, ${at}) returning id)
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, planned_at, audience_count, audience_hash)
    select id, 1, id::text, ${at}, 'planned', ${JSON.stringify(fixed)}, ${at}, ${people}, sha256('people') from campaign
    returning id as "runId", campaign_id as "campaignId"`.execute(db);
  const { runId, campaignId } = rows[0] ?? { runId: 0, campaignId: '' };
  await sql`
    with people as (
      insert into account_people (account_id, contact_id, email_normalized, name)
      select ${account.id}, '003' || ${runId}::text || '-' || i, 'p' || i || '.' || ${runId}::text || '@harbour.example', 'Person ' || i
      from generate_series(1, ${people}::int) i returning id, email_normalized),
    numbered as (select id, email_normalized, row_number() over (order by id)::int as n from people)
    insert into deliveries (run_id, n, person_id, account_id, address, locale, batch)
    select ${runId}::bigint, n, id, ${account.id}, email_normalized, 'en', 1 + (n - 1) / ${batchSize}::int from numbered`.execute(
    db,
  );
  await sql`
    insert into batches (run_id, batch, size, state, due_at)
    select run_id, batch, count(*), 'ready', ${at} from deliveries where run_id = ${runId} group by run_id, batch`.execute(
    db,
  );
  await sql`
    insert into run_statistics (run_id, counts, changed_at)
    values (${runId}, ${JSON.stringify({ total: people, planned: people, skipped: 0 })}, ${at})`.execute(db);
  const begin = () => transaction((tx) => record(tx, 'run.planned', { runId }));
  return { runId, campaignId, begin };
}
