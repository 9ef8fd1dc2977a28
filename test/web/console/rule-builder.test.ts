import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import type { Viewer } from '../../../src/access/viewer.ts';
import { now } from '../../../src/platform/clock.ts';
import { sql, transaction } from '../../../src/platform/db.ts';
import { Unavailable } from '../../../src/platform/errors.ts';
import { previewRule } from '../../../src/rules/previews.ts';
import type { Rule } from '../../../src/rules/rules.ts';
import { wholeCatalog } from '../../../src/segments/catalog.ts';
import { looks, useBrowser } from '../../support/browser.ts';
import { givenAccount, givenCase, givenLicense } from '../../support/mirror.ts';
import { givenCustomer, givenStaff, signedIn } from '../../support/people.ts';

const browser = useBrowser(createApp);
const app = createApp();

let csm: Awaited<ReturnType<typeof givenStaff>>;

beforeAll(async () => {
  csm = await givenStaff({ roles: ['csm'] });
  for (const [name, industry, cases] of [
    ['Halden Freight Group', 'Transportation', 3],
    ['Blue Quay Systems', 'Technology', 1],
    ['Northgate Logistics', 'Transportation', 0],
  ] as const) {
    const account = await givenAccount({ name, industry });
    await givenLicense({ account, support_until: '2031-01-01' });
    for (let i = 0; i < cases; i += 1) await givenCase({ account, created_at: now() });
  }
});

describe('the count of a rule', () => {
  const ask = async (rule: unknown, entity = 'account') => {
    const caller = await signedIn(app, csm);
    return await caller
      .post('/console/rule-previews')
      .type('form')
      .send({ entity, rule: JSON.stringify(rule) });
  };

  test('comes with a sample and the rule in words', async () => {
    const { status, text } = await ask({ field: 'account.industry', op: 'is', value: ['Transportation'] });
    expect(status).toBe(200);
    expect(text).toContain('2 accounts');
    expect(text).toContain('industry is Transportation');
    expect(text).toContain('Halden Freight Group');
    expect(text).not.toContain('Blue Quay Systems');
    expect(text).not.toContain('<html');
  });

  test('says what is wrong, and where', async () => {
    const { status, text } = await ask({
      all: [{ field: 'account.employees', op: 'atLeast', value: 'many' }],
    });
    expect(status).toBe(422);
    expect(text).toContain('A number belongs here.');
    expect(text).toContain('data-path="[&#34;all&#34;,0,&#34;value&#34;]"');
  });

  test.each([
    '{',
    '[]',
    'null',
    '{"all":[{"field":"account.name","op":"is","value":"a","sql":"1"}]}',
    'x'.repeat(60_000),
  ])('refuses what is no rule: %#', async (rule) => {
    const caller = await signedIn(app, csm);
    await caller.post('/console/rule-previews').type('form').send({ entity: 'account', rule }).expect(422);
  });

  test('is for staff alone', async () => {
    const account = await givenAccount();
    const customer = await signedIn(app, await givenCustomer({ account }));
    await customer
      .post('/console/rule-previews')
      .type('form')
      .send({ entity: 'account', rule: '{"all":[]}' })
      .expect(403);
    await customer.get('/console/rule-choices?field=account.owner').expect(403);
  });

  test('is given up with a word about it where it takes too long', async () => {
    const { status, text } = await transaction(async (tx) => {
      await sql`lock table account_people in access exclusive mode`.execute(tx);
      return await ask({ field: 'account.people', op: 'atLeast', value: 1 });
    });
    expect(status).toBe(503);
    expect(text).toContain('Counting takes longer');
  });
});

test('a count that nobody waits for any more is ended', async () => {
  const question = { entity: 'account', catalog: await wholeCatalog(), today: '2026-03-15' } as const;
  const rule: Rule = { field: 'account.people', op: 'atLeast', value: 1 };
  const staff = { ...csm, kind: 'staff', roles: ['csm'], timeZone: 'UTC', locale: 'en' } as unknown as Viewer;
  const started = performance.now();
  await transaction(async (tx) => {
    await sql`lock table account_people in access exclusive mode`.execute(tx);
    await expect(previewRule(staff, rule, question, AbortSignal.timeout(300))).rejects.toThrow(Unavailable);
  });
  expect(performance.now() - started).toBeLessThan(3_500);
  expect(await previewRule(staff, rule, question)).toMatchObject({ count: 0 });
});

/** The rule that the form would send. */
const ruleOf = async (page: Page): Promise<Rule> =>
  JSON.parse(await page.inputValue('textarea[name=rule]')) as Rule;

async function opened(
  look: { width?: number; scheme?: 'light' | 'dark'; scripts?: boolean } = {},
): Promise<Page> {
  const context = await browser.signedIn(csm, look);
  const page = await context.newPage();
  await page.goto(`${browser.url}/console/design`);
  return page;
}

const counted = (page: Page) => page.waitForSelector('.rule-preview[data-state=counted]');

test('without scripts, a rule is written as JSON', async () => {
  const page = await opened({ scripts: false });
  expect(await page.isVisible('textarea[name=rule]')).toBe(true);
  expect(await ruleOf(page)).toHaveProperty('all');
  expect(await page.isVisible('.rule-builder')).toBe(false);
  await page.context().close();
});

test('a rule is built with the keyboard alone, and each change is told', async () => {
  const page = await opened();
  await page.click('.rule-json summary');
  await page.fill('.rule-json textarea', '{"all":[]}');
  await page.focus('.rule-builder [data-act=addCondition]');
  await page.keyboard.press('Enter');
  await page.keyboard.type('industry');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Transportation');
  await page.keyboard.press('Enter');
  expect(await ruleOf(page)).toEqual({
    all: [{ field: 'account.industry', op: 'is', value: ['Transportation'] }],
  });
  await counted(page);
  expect(await page.textContent('.rule-count')).toBe('2 accounts');
  expect(await page.textContent('.rule-builder [role=status]')).toContain('2 accounts');

  await page.focus('.rule-condition [data-act=duplicate]');
  await page.keyboard.press('Enter');
  expect(await ruleOf(page)).toMatchObject({ all: [{}, { field: 'account.industry' }] });
  await page.keyboard.press('Control+a');
  await page.keyboard.type('number of cases');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await counted(page);
  expect(await ruleOf(page)).toMatchObject({
    all: [{}, { field: 'account.cases', op: 'atLeast', value: 2 }],
  });
  await page.getByText('1 account', { exact: true }).first().waitFor();

  await page.focus('.rule-parts > li:nth-child(2) [data-act=up]');
  await page.keyboard.press('Enter');
  expect(await ruleOf(page)).toMatchObject({ all: [{ field: 'account.cases' }, {}] });
  expect(await page.textContent('.rule-builder [role=status]')).toContain('now 1 of 2');
  await page.focus('.rule-parts > li:nth-child(1) [data-act=remove]');
  await page.keyboard.press('Enter');
  expect(await ruleOf(page)).toMatchObject({ all: [{ field: 'account.industry' }] });
  expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('combobox');
  await page.context().close();
});

test('what was typed is there again after another operator was tried, and what is no number is said to be none', async () => {
  const page = await opened();
  await page.click('.rule-json summary');
  await page.fill('.rule-json textarea', '{"all":[{"field":"account.employees","op":"atLeast","value":50}]}');
  await page.selectOption('.rule-operator', 'between');
  await page.selectOption('.rule-operator', 'atMost');
  expect(await ruleOf(page)).toEqual({ all: [{ field: 'account.employees', op: 'atMost', value: 50 }] });
  await page.fill('.rule-value input', 'fifty');
  await page.waitForSelector('.rule-condition .field-error:not([hidden])');
  expect(await page.textContent('.rule-condition .field-error')).toBe('A number belongs here.');
  expect(await ruleOf(page)).toMatchObject({ all: [{ value: 'fifty' }] });
  await page.context().close();
});

test('a condition on a field that is gone is shown as it is, and kept', async () => {
  const page = await opened();
  const rule = { all: [{ field: 'account.attributes.Gone__c', op: 'is', value: ['x'] }] };
  await page.click('.rule-json summary');
  await page.fill('.rule-json textarea', JSON.stringify(rule));
  expect(await page.inputValue('.rule-condition [role=combobox]')).toBe('account.attributes.Gone__c');
  await page.click('.rule-builder [data-act=addCondition]');
  expect(await ruleOf(page)).toMatchObject({ all: [rule.all[0], { field: '' }] });
  await page.waitForSelector('.rule-preview[data-state=unfinished]');
  expect(await page.locator('.rule-condition .field-error:visible').allTextContents()).toEqual([
    'Choose a field: there is none of this name.',
  ]);
  expect(await page.textContent('.rule-preview')).toContain('not complete yet');
  await page.context().close();
});

test('the builder is right in each window, light and dark', async () => {
  for (const look of looks) {
    const page = await opened(look);
    await counted(page);
    const name = `test/output/rule-builder-${String(look.width)}-${look.scheme}`;
    await page.locator('.rule-field').screenshot({ path: `${name}.png` });
    await page.click('.rule-parts .rule-parts [role=combobox]');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('act');
    await page.waitForSelector('.rule-options:not([hidden]) [role=option]');
    const { violations } = await new AxeBuilder({ page }).include('.rule-field').analyze();
    expect.soft(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect.soft(overflow).toBeLessThanOrEqual(0);
    await page.context().close();
  }
}, 120_000);
