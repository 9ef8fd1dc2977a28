import { randomUUID } from 'node:crypto';

import '../../src/campaigns/events.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import { selectCampaign } from '../../src/campaigns/definition/campaigns.queries.ts';
import { fixedOf } from '../../src/campaigns/definition/fixed.ts';
import { Policy } from '../../src/campaigns/definition/policy.ts';
import { insertRun } from '../../src/campaigns/runs/runs.queries.ts';
import type { SegmentTable } from '../../src/content/document.ts';
import { createMessage } from '../../src/content/messages.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { record } from '../../src/platform/events.ts';

/* Ten merge fields and a table of the family's licenses: what the goals are about. */
const paragraph = '<p style="margin:0 0 12px;color:#17212b">Renewing in time keeps updates, fixes and our help desk available to your team.</p>'; // prettier-ignore
const body = `<div>${paragraph.repeat(6)}<p>Hello {{ person.firstName | default: "there" }} ({{ person.name }}, {{ person.title }}) of {{ account.name }}
in {{ account.industry | default: "your trade" }}, {{ account.country }}: your engagement is {{ person.engagement }}, your e-mail {{ person.email }}.</p>
TABLE<p>{{ manager.name | default: "Your team" }}, {{ manager.email | default: "help@tidewater.example" }}</p>
<p><a href="https://tidewater.example/renew">Renew</a> · <a href="%unsubscribe%">Unsubscribe</a></p>${paragraph.repeat(4)}</div>`;
const table: SegmentTable = {
  of: 'licenses', reach: 'branch', isOfAllAccounts: false, limit: 5, hasTotals: false, emptyText: '',
  columns: [{ field: 'account.name' }, { field: 'license.seats' }, { field: 'license.supportUntil' }],
  sort: { field: 'license.supportUntil', direction: 'ascending' },
}; // prettier-ignore

/** Five campaigns to everybody, as they are when they were approved; `trigger` activates so many at once. */
export async function makeCampaigns({ hasTable }: { hasTable: boolean }) {
  const { rows } = await sql<{ id: string }>`
    insert into people (email, name, created_at) values ('owner@bench.example', 'Olga Owner', now()) returning id`.execute(
    db,
  );
  const personId = rows[0]?.id ?? '';
  const viewer: StaffViewer = { kind: 'staff', personId, name: '', email: '', locale: 'en', timeZone: 'UTC', userId: null, roles: ['admin'] }; // prettier-ignore
  const messageId = await createMessage(viewer, {
    name: 'Renewal', description: '',
    content: {
      format: 'html', defaultLocale: 'en', weights: [1], tables: hasTable ? { due: table } : {},
      variants: [{ locale: 'en', variant: 0, subject: '{{ person.firstName | default: "Your" }}: licenses', preheader: '', body: body.replace('TABLE', hasTable ? '{% table "due" %}' : '') }],
    },
  }); // prettier-ignore
  const campaigns = await sql<{ id: string }>`
    insert into campaigns (name, message_class, topic, channel, owner_id, message_id, policy, status, created_at, changed_at)
    select 'Bench ' || n, 'success', 'renewal', 'email', ${personId}, ${messageId}, ${JSON.stringify(Policy.parse({ again: 'always', quietHours: 'none' }))},
      'active', now(), now()
    from generate_series(1, 5) n returning id`.execute(db);

  return {
    async trigger(count: number, people: number): Promise<number[]> {
      const { rows: ends } = await sql<{ last: number }>`
        select max(id) as last from (select id from account_people order by id limit ${people}) p`.execute(
        db,
      );
      const runs = campaigns.rows.slice(0, count).map(({ id }) => begin(id, ends[0]?.last ?? 0));
      return await Promise.all(runs);
    },
    end: () => pool.end(),
  };
}

/** A run as activation leaves it: those of an e-mail, up to somebody. */
async function begin(campaignId: string, last: number): Promise<number> {
  const campaign = await selectCampaign(db, campaignId);
  if (campaign === undefined) throw new Error('no campaign');
  const everybody = { field: 'person.email', op: 'known' } as const;
  const fixed = {
    ...(await fixedOf(campaign, { kind: 'list' })),
    audience: { segmentId: randomUUID(), entity: 'person' as const, rule: everybody },
    limits: { personCap: null, accountCap: null, quietHours: null },
  };
  const { rows } = await sql<{ all: boolean }>`select max(id) <= ${last} as all from account_people`.execute(
    db,
  );
  const source =
    rows[0]?.all === true
      ? fixed.source
      : { kind: 'named' as const, personIds: await idsUpTo(last), accountIds: [] };
  return await transaction(async (tx) => {
    const run = {
      campaignId,
      revision: 1,
      triggerKey: randomUUID(),
      triggeredBy: null,
      triggeredAt: now(),
      isDry: false,
    };
    const { id } = await insertRun(tx, { ...run, fixed: { ...fixed, source } });
    await record(tx, 'run.triggered', { runId: id });
    return id;
  });
}

async function idsUpTo(last: number): Promise<number[]> {
  const { rows } = await sql<{
    id: number;
  }>`select id from account_people where id <= ${last} order by id`.execute(db);
  return rows.map(({ id }) => id);
}
