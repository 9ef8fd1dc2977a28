import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import {
  linkNumbers, openPixel, preferencesUrl, trackedLink, trapLink, unsubscribeUrl,
} from '../../../src/campaigns/mailing/links.ts'; // prettier-ignore
import { takeInHooks } from '../../../src/campaigns/outcomes/intake.ts';
import { flagOf, outcomeOf } from '../../../src/campaigns/outcomes/outcomes.ts';
import { suppressedAmong } from '../../../src/campaigns/mailing/suppressed-among.ts';
import { consentsOf } from '../../../src/consent/consent.ts';
import { db, sql, transaction } from '../../../src/platform/db.ts';
import { locales } from '../../../src/platform/locale.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenRun } from '../../support/hooks.ts';
import { givenCustomer, sessionCookieOf } from '../../support/people.ts';

const browser = useBrowser(createApp);
const app = createApp();

const pathOf = (url: string) => new URL(url).pathname;
const TEST = { runId: 0, n: 0 };

let run: Awaited<ReturnType<typeof givenRun>>;
beforeAll(async () => {
  run = await givenRun(20, { domain: 'halden.example' });
});

const granted = async (address: string) =>
  (await consentsOf(address)).filter(({ isGranted }) => isGranted).map(({ code }) => code);
const everything = ['product-news', 'onboarding', 'renewal', 'service'];

const words = async () =>
  (await sql<{ count: number }>`select count(*) from consents`.execute(db)).rows[0]?.count;

const deliveryOf = async (n: number) => {
  await takeInHooks();
  const { rows } = await sql<{ outcome: number; flags: number }>`
    select outcome, flags from deliveries where run_id = ${run.runId} and n = ${n}`.execute(db);
  return { outcome: outcomeOf(rows[0]?.outcome ?? 0), flags: rows[0]?.flags ?? 0 };
};

describe('one-click unsubscribing (RFC 8058, F23)', () => {
  const oneClick = (path: string) => request(app).post(path).type('form').send('List-Unsubscribe=One-Click');

  test('ends the topic by a POST without cookies or origin, at once, and twice is as once', async () => {
    const path = pathOf(unsubscribeUrl({ runId: run.runId, n: 1 }));
    expect(await granted(run.addressOf(1))).toEqual(everything);
    const answer = await oneClick(path);
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
    expect(await granted(run.addressOf(1))).toEqual(['onboarding', 'renewal', 'service']);
    const before = await words();
    expect((await oneClick(path)).status).toBe(200);
    expect(await words()).toBe(before);
    expect((await deliveryOf(1)).outcome).toBe('unsubscribed');
  });

  test('takes what mail programs send: multipart, another site’s origin, no body', async () => {
    const post = (n: number) => request(app).post(pathOf(unsubscribeUrl({ runId: run.runId, n })));
    const answers = [
      await post(2).field('List-Unsubscribe', 'One-Click'),
      await post(3)
        .set({ origin: 'https://mail.example', 'sec-fetch-site': 'cross-site' })
        .type('form')
        .send('List-Unsubscribe=One-Click'),
      await post(4),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const n of [2, 3, 4]) expect(await granted(run.addressOf(n))).not.toContain('product-news');
  });

  test('is not done by looking: GET and HEAD change nothing, whoever asks', async () => {
    const before = await words();
    for (const path of [unsubscribeUrl, preferencesUrl].map((make) =>
      pathOf(make({ runId: run.runId, n: 5 })),
    ))
      for (const at of [path, `${path}?unsubscribe=1`]) {
        expect((await request(app).get(at).set('user-agent', 'Barracuda')).status).toBe(200);
        expect((await request(app).head(at)).status).toBe(200);
      }
    expect(await words()).toBe(before);
    expect(await granted(run.addressOf(5))).toEqual(everything);
  });

  test('needs a token of ours, for this purpose', async () => {
    const token =
      pathOf(unsubscribeUrl({ runId: run.runId, n: 6 }))
        .split('/')
        .at(-1) ?? '';
    const forged = [
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      `B${token.slice(1)}`,
      pathOf(openPixel({ runId: run.runId, n: 6 }))
        .split('/')
        .at(-1) ?? '',
      pathOf(unsubscribeUrl({ runId: run.runId, n: 100_000 }))
        .split('/')
        .at(-1) ?? '',
      'x',
      'AAAAAAAAAAAAAAAAAAAAAAAAAAA',
    ];
    const before = await words();
    for (const each of forged) {
      expect((await oneClick(`/unsubscribe/${each}`)).status).toBe(410);
      expect((await request(app).get(`/preferences/${each}`)).status).toBe(410);
    }
    expect(await words()).toBe(before);
  });

  test('keeps a batch that was planned before from being sent to that address (F12)', async () => {
    await oneClick(pathOf(unsubscribeUrl({ runId: run.runId, n: 7 })));
    await sql`update deliveries set state = 'planned' where run_id = ${run.runId} and n in (7, 8)`.execute(
      db,
    );
    const late = await transaction((tx) => suppressedAmong(tx, { runId: run.runId, batch: 0 }));
    expect(late.map(({ n }) => n)).toEqual([7]);
    await sql`update deliveries set state = 'sent' where run_id = ${run.runId}`.execute(db);
  });

  test('of a test mail works and keeps nothing', async () => {
    const before = await words();
    expect((await oneClick(pathOf(unsubscribeUrl(TEST)))).status).toBe(200);
    expect((await request(app).get(pathOf(preferencesUrl(TEST)))).status).toBe(200);
    expect(
      (
        await request(app)
          .post(pathOf(preferencesUrl(TEST)))
          .type('form')
          .send('topics=events')
      ).status,
    ).toBe(303);
    expect(await words()).toBe(before);
  });
});

describe('links of mails', () => {
  const get = (url: string) => request(app).get(pathOf(url)).set('user-agent', 'Mozilla/5.0');

  test('lead where we signed them to, and the click is kept', async () => {
    const numbers = await transaction((tx) => linkNumbers(tx, ['https://example.com/a?b=1#c']));
    const number = numbers.get('https://example.com/a?b=1#c') ?? 0;
    const answer = await get(trackedLink({ runId: run.runId, n: 9 }, number));
    expect([answer.status, answer.headers.location]).toEqual([302, 'https://example.com/a?b=1#c']);
    const own = await get(trackedLink({ runId: run.runId, n: 9 }, 'https://example.com/account/Zoë?x=%20'));
    expect(own.headers.location).toBe('https://example.com/account/Zo%C3%AB?x=%20');
    expect((await deliveryOf(9)).outcome).toBe('clicked');
  });

  test('are no open redirect: whatever was not signed, or leads out of the web, is no page', async () => {
    const token = pathOf(trackedLink({ runId: run.runId, n: 10 }, 'https://example.com/')).slice(3);
    const content = Buffer.from(token, 'base64url');
    const changed = Buffer.concat([
      content.subarray(0, -24),
      Buffer.from('https://evil.example/'),
      content.subarray(-12),
    ]).toString('base64url');
    for (const path of [`/c/${changed}`, '/c/https://evil.example', '/c/x', `/c/${token}x`, `/o/${token}`])
      expect((await request(app).get(path)).headers.location).toBeUndefined();
    for (const url of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', '/portal'])
      expect((await get(trackedLink({ runId: run.runId, n: 10 }, url))).status).toBe(404);
    expect((await deliveryOf(10)).outcome).toBeUndefined();
  });

  test('a link with line breaks in it sets no header of its own', async () => {
    const answer = await get(
      trackedLink({ runId: run.runId, n: 11 }, 'https://example.com/\r\nset-cookie: a=b'),
    );
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('tell machines from people: the link that nobody sees, programs that say so, HEAD', async () => {
    await get(trapLink({ runId: run.runId, n: 12 }));
    await get(trackedLink({ runId: run.runId, n: 12 }, 'https://example.com/1'));
    await request(app)
      .get(pathOf(trackedLink({ runId: run.runId, n: 13 }, 'https://example.com/1')))
      .set('user-agent', 'SomeBot/1.0 (bot)');
    await request(app).head(pathOf(trackedLink({ runId: run.runId, n: 14 }, 'https://example.com/1')));
    const machine = { outcome: undefined, flags: flagOf('machine_clicked') };
    expect([await deliveryOf(12), await deliveryOf(13), await deliveryOf(14)]).toEqual([
      machine,
      machine,
      { outcome: undefined, flags: 0 },
    ]);
  });

  test('the pixel tells that a mail was opened', async () => {
    const answer = await get(openPixel({ runId: run.runId, n: 15 }));
    expect([answer.status, answer.headers['content-type'], answer.headers['set-cookie']]).toEqual([
      200,
      'image/gif',
      undefined,
    ]);
    expect((await deliveryOf(15)).outcome).toBe('opened');
    expect((await request(app).get('/o/nonsense')).status).toBe(404);
  });
});

describe('the preferences page', () => {
  test('settles topics: what is ticked is granted, what is not is refused, and all can be had again', async () => {
    const path = pathOf(preferencesUrl({ runId: run.runId, n: 16 }));
    const choose = (body: string) => request(app).post(path).type('form').send(body);
    await choose('topics=events&topics=renewal').expect(303);
    expect(await granted(run.addressOf(16))).toEqual(['events', 'renewal', 'service']);
    await choose('').expect(303);
    expect(await granted(run.addressOf(16))).toEqual(['service']);
    await choose('topics=product-news').expect(303);
    expect(await granted(run.addressOf(16))).toEqual(['product-news', 'service']);
  });

  test('hides most of the address, and its own address from other sites', async () => {
    const answer = await request(app).get(pathOf(preferencesUrl({ runId: run.runId, n: 17 })));
    expect(answer.text).toContain('p•••@halden.example');
    expect(answer.text).not.toContain(run.addressOf(17));
    expect(answer.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  });

  test('of a signed-in customer settles the same topics', async () => {
    const person = await givenCustomer();
    const cookie = await sessionCookieOf(app, person);
    const page = await request(app).get('/portal/preferences').set('cookie', cookie);
    expect(page.text).toContain(person.email);
    await request(app)
      .post('/portal/preferences')
      .set('cookie', cookie)
      .type('form')
      .send('topics=events')
      .expect(303);
    expect(await granted(person.email)).toEqual(['events', 'service']);
    expect((await request(app).get('/portal/preferences')).status).toBe(303);
  });

  test('has words of its own in every language', async () => {
    const titles = await Promise.all(
      locales.map(async (locale) => {
        const page = await request(app)
          .get(pathOf(unsubscribeUrl({ runId: run.runId, n: 18 })))
          .set('accept-language', locale);
        const own = await request(app).get(
          `/${locale}${pathOf(preferencesUrl({ runId: run.runId, n: 18 }))}`,
        );
        expect(own.text).toContain(`<html lang="${locale}"`);
        expect(page.status).toBe(200);
        return /<h1>(.*?)<\/h1>/.exec(own.text)?.[1];
      }),
    );
    expect(new Set(titles).size).toBeGreaterThanOrEqual(7);
    expect(titles.join('')).not.toContain('preferences.');
  });
});

/* Each window in another language. */
const languages = ['de', 'ja', 'fr', 'en'] as const;

describe.each(looks.map((look, index) => ({ ...look, locale: languages[index] ?? 'en' })))(
  'at $width pixels, $scheme, $locale',
  (look) => {
    test('unsubscribing and choosing are accessible, and work without scripts', async () => {
      const context = await browser.context({ ...look, scripts: look.width > 390 });
      const page = await context.newPage();
      const open = async (path: string, name: string) => {
        await page.goto(`${browser.url}/${look.locale}${path}`);
        await screenshot(page, `consent-${name}-${String(look.width)}-${look.scheme}-${look.locale}`);
        if (look.width > 390) await expectAccessible(page);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      };
      const key = { runId: run.runId, n: 19 + (look.width === 390 ? 1 : 0) };
      await open('/unsubscribe/nonsense', 'unknown');
      await open(pathOf(unsubscribeUrl(key)), 'unsubscribe');
      await page.click('main form button');
      await page.waitForURL(/\/done$/);
      await open(`${pathOf(unsubscribeUrl(key))}/done`, 'done');
      await open(pathOf(preferencesUrl(key)), 'preferences');
      expect(await page.isChecked('#topic-product-news')).toBe(false);
      await page.check('#topic-product-news');
      await page.click('main form button.primary');
      await page.waitForLoadState();
      expect(await page.isChecked('#topic-product-news')).toBe(true);
      await screenshot(page, `consent-saved-${String(look.width)}-${look.scheme}-${look.locale}`);
      await context.close();
    });
  },
);
