import { randomUUID } from 'node:crypto';

import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { now } from '../../../src/platform/clock.ts';
import { pool, sql, db } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount, salesforceId } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);
const HOUR = 3_600_000;

interface Given {
  account: { id: string };
  hoursAgo: number;
  rank?: string;
  handled?: string;
  feedback?: string;
  acts?: { kind: string; detail?: string; actor?: string; hoursAfter: number }[];
}

/** An insight that Salesforce has, as delivery and sync leave it, with what people did afterwards. */
async function givenInsight({
  account,
  hoursAgo,
  rank = 'poor',
  handled = 'New',
  feedback,
  acts = [],
}: Given) {
  const id = randomUUID();
  const at = new Date(now().getTime() - hoursAgo * HOUR);
  const recordId = salesforceId('a0I');
  await sql`
    insert into insights (id, account_id, kind, source, data, occurred_at, sent_at, salesforce_id)
    values (${id}, ${account.id}, 'health.changed', ${id}, ${JSON.stringify({ rank, score: 30, previousRank: 'average', reasons: [] })}, ${at}, ${at}, ${recordId})`.execute(
    db,
  );
  await sql`
    insert into insight_records (id, rapport_id, account_id, handled, feedback, created_at, modified_at)
    values (${recordId}, ${id}, ${account.id}, ${handled}, ${feedback ?? null}, ${at}, ${at})`.execute(db);
  for (const { kind, detail, actor, hoursAfter } of acts)
    await sql`
      insert into insight_acts (insight_id, kind, record_id, actor_id, detail, acted_at)
      values (${id}, ${kind}, ${salesforceId('00T')}, ${actor ?? null}, ${detail ?? null}, ${new Date(at.getTime() + hoursAfter * HOUR)})`.execute(
      db,
    );
}

let rep: Awaited<ReturnType<typeof givenStaff>>;
let halden: { id: string };

beforeEach(async () => {
  await sql`truncate accounts, insights, insight_records, insight_acts cascade`.execute(db);
  rep = await givenStaff({ roles: ['rep'], name: 'Ruth Calloway' });
  halden = await givenAccount({ name: 'Halden Freight', owner_id: rep.userId });
  const northgate = await givenAccount({ name: 'Northgate Logistics' });
  await givenInsight({
    account: halden,
    hoursAgo: 30,
    handled: 'Done',
    feedback: 'They have a new administrator',
    acts: [
      { kind: 'seen', actor: rep.userId, hoursAfter: 0.5 },
      { kind: 'task', detail: 'Call about the renewal', actor: rep.userId, hoursAfter: 3 },
      { kind: 'done', actor: rep.userId, hoursAfter: 3.2 },
    ],
  });
  await givenInsight({ account: northgate, hoursAgo: 5 });
  await givenInsight({
    account: northgate,
    hoursAgo: 400,
    rank: 'good',
    handled: 'Not helpful',
    acts: [{ kind: 'not_helpful', detail: 'Known already', hoursAfter: 20 }],
  });
});

afterAll(() => pool.end());

describe('what became of the insights', () => {
  test('is shown with who did what, when, and how long after', async () => {
    const { text } = await (await signedIn(app, rep)).get('/console/insights').expect(200);
    expect(text).toContain('Completed the task “Call about the renewal” · Ruth Calloway');
    expect(text).toContain('3 hours after');
    expect(text).toContain('30 minutes after');
    expect(text).toMatch(
      /New health: Poor<\/th><td[^>]*>2<\/td><td[^>]*>1 \(50%\)<\/td><td[^>]*>1 \(50%\)<\/td><td[^>]*>0 \(0%\)<\/td><td[^>]*>3 h</,
    );
    expect(text).toContain('Marked as not helpful');
  });

  test('is narrowed by outcome, rank, span and one’s own accounts', async () => {
    const agent = await signedIn(app, rep);
    const names = async (query: string) => {
      const { text } = await agent.get(`/console/insights?${query}`).expect(200);
      return ['Halden Freight', 'Northgate Logistics'].filter((name) => text.includes(name));
    };
    expect(await names('standing=acted')).toEqual(['Halden Freight']);
    expect(await names('standing=not_helpful')).toEqual(['Northgate Logistics']);
    expect(await names('standing=not_helpful&days=7')).toEqual([]);
    expect(await names('owner=me')).toEqual(['Halden Freight']);
    expect(await names('rank=good')).toEqual(['Northgate Logistics']);
    expect(await names('days=nonsense&standing=<script>&page=-1')).toHaveLength(2);
  });

  test('is on the account’s own page, with the rep’s words', async () => {
    const { text } = await (
      await signedIn(app, rep)
    )
      .get(`/console/accounts/${halden.id}/insights`)
      .expect(200);
    expect(text).toContain('Acted on');
    expect(text).toContain('“They have a new administrator”');
    expect(text).toContain('Marked as done');
  });
});

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the pages are accessible', async () => {
    const context = await browser.signedIn(rep, look);
    const page = await context.newPage();
    for (const path of ['/console/insights', `/console/accounts/${halden.id}/insights`]) {
      await page.goto(browser.url + path);
      await screenshot(
        page,
        `console-insights-${path.length > 20 ? 'account' : 'all'}-${String(look.width)}-${look.scheme}`,
      );
      await expectAccessible(page);
    }
    await context.close();
  });
});
