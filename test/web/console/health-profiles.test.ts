import { beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { profiles } from '../../../src/health/profiles.ts';
import { now } from '../../../src/platform/clock.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { day, givenUsage } from '../../support/days-of-use.ts';
import { givenAccount, givenCase, givenContact, givenLicense } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);
const page = '/console/health-profiles';

beforeAll(async () => {
  for (const [index, name] of [
    'Northgate Logistics',
    'Halden Freight',
    'Aurora Foods',
    'Kestrel Bank',
  ].entries()) {
    const account = await givenAccount({
      name,
      created_at: now(),
      industry: index === 3 ? 'Banking' : 'Logistics',
    });
    for (let count = 0; count <= index; count += 1) await givenContact({ account });
    await givenLicense({ account, support_until: day(200), seats: 4 });
    await givenUsage({ account, days: [-30, ...Array.from({ length: index * 2 }, (_, nth) => -1 - nth)] });
    if (index === 1) await givenCase({ account, created_at: now() });
  }
  await recomputeAllHealth();
});

const admin = async () => signedIn(app, await givenStaff({ roles: ['admin'], name: 'Ada Lindqvist' }));

/** What the form sends when nothing was changed. */
const fieldsOf = (html: string): Record<string, string> =>
  Object.fromEntries([
    ...[...html.matchAll(/<input [^>]*name="([^"]+)"[^>]*>/g)].map(([input, name = '']) => [
      name,
      / value="([^"]*)"/.exec(input)?.[1] ?? '',
    ]),
    ...[...html.matchAll(/<select [^>]*name="([^"]+)"[^>]*>(.*?)<\/select>/gs)].map(
      ([, name = '', options = '']) => [name, /<option value="([^"]*)" selected/.exec(options)?.[1] ?? ''],
    ),
  ]) as Record<string, string>;

const idOf = async (name: string) => (await profiles()).find((one) => one.name === name)?.id ?? 0;

describe('health profiles', () => {
  test('all staff read how accounts are judged; administrators alone are offered to change it', async () => {
    const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
    const { text } = await rep.get(page).expect(200);
    expect(text).toContain('Days with use in 14 days');
    expect(text).toContain('For all accounts that no other profile takes');
    expect(text).not.toContain('/edit');
    const show = await rep.get(`${page}/${String(await idOf('Default'))}`).expect(200);
    expect(show.text).toContain('from 5');
    expect(show.text).toContain('Urgent open cases, 1 or more');
    expect(show.text).not.toContain('healthProfiles.');
    await rep.get(`${page}/${String(await idOf('Default'))}/edit`).expect(403);
    await rep.get(`${page}/999`).expect(404);
  });

  test('a threshold that is moved shows at once what it would change, and saving does it', async () => {
    const agent = await admin();
    const id = await idOf('Default');
    const form = await agent.get(`${page}/${String(id)}/edit`).expect(200);
    expect(form.text).toContain('No account would change its rank.');
    expect(form.text).not.toContain('healthProfiles.');
    const typed = { ...fieldsOf(form.text), 'good-days_active': '2' };
    const preview = await agent.post(`${page}/previews`).type('form').send(typed).expect(200);
    expect(preview.text).toContain('2 accounts would change their rank.');
    expect(preview.text).toContain('Aurora Foods');
    expect(preview.text).not.toContain('<html');
    await agent
      .post(`${page}/${String(id)}/edit`)
      .type('form')
      .send(typed)
      .expect(303);
    const versions = await agent.get(`${page}/${String(id)}`).expect(200);
    expect(versions.text).toContain('Ada Lindqvist');
    expect(versions.text).toContain('from 2');
    await agent
      .post(`${page}/${String(id)}/restorations`)
      .type('form')
      .send({ version: '1' })
      .expect(303);
    expect((await agent.get(`${page}/${String(id)}`)).text).toContain('from 5');
  });

  test('an administrator chooses the field that tells of business impact', async () => {
    await sql`insert into sync_states (sobject, table_name, position, phase, field_types) values ('Account', 'accounts', 1, 'live', '{"Hours_Saved__c": "double"}')
      on conflict (sobject) do update set field_types = excluded.field_types`.execute(db);
    const agent = await admin();
    expect((await agent.get(page).expect(200)).text).toContain('Hours Saved (Hours_Saved__c)');
    const use = (field: string) => agent.post(`${page}/impact`).type('form').send({ field });
    await use('Motto__c').expect(422);
    await use('Hours_Saved__c').expect(303);
    expect((await agent.get(page).expect(200)).text).toContain('It is read from Hours Saved.');
    await use('').expect(303);
    expect((await agent.get(page).expect(200)).text).toContain('No field is chosen.');
  });

  test('what cannot be meant is shown beside its field, and nothing typed is lost', async () => {
    const agent = await admin();
    const id = await idOf('Default');
    const form = await agent.get(`${page}/${String(id)}/edit`).expect(200);
    const typed = {
      ...fieldsOf(form.text), name: 'Mine now', 'good-days_active': 'often', 'poor-contacts': '-3', 'flag-0-value-0': '', shift: '99',
    }; // prettier-ignore
    const again = await agent
      .post(`${page}/${String(id)}/edit`)
      .type('form')
      .send(typed)
      .expect(422);
    for (const kept of ['value="often"', 'value="-3"', 'value="99"', 'value="Mine now"'])
      expect(again.text).toContain(kept);
    for (const field of ['good-days_active', 'poor-contacts', 'flag-0-value-0'])
      expect(again.text, field).toContain(`field-${field}-error`);
    const preview = await agent.post(`${page}/previews`).type('form').send(typed).expect(422);
    expect(preview.text).toContain('Give a whole number.');
    const stale = { ...fieldsOf(form.text), version: '1' };
    const late = await agent
      .post(`${page}/${String(id)}/edit`)
      .type('form')
      .send(stale)
      .expect(422);
    expect(late.text).toContain('Somebody else changed this profile meanwhile');
  });

  test('without scripts a button shows what the form would change, with everything typed still in it', async () => {
    const agent = await admin();
    const id = await idOf('Default');
    const form = await agent.get(`${page}/${String(id)}/edit`).expect(200);
    const typed = { ...fieldsOf(form.text), 'good-days_active': '2', act: 'preview' };
    const tried = await agent
      .post(`${page}/${String(id)}/edit`)
      .type('form')
      .send(typed)
      .expect(200);
    expect(tried.text).toContain('2 accounts would change their rank.');
    expect(fieldsOf(tried.text)['good-days_active']).toBe('2');
  });

  test('a new profile is made for some, turned on, put in order and turned off', async () => {
    const agent = await admin();
    const form = await agent.get(`${page}/new`).expect(200);
    const rule = JSON.stringify({ field: 'account.industry', op: 'is', value: ['Banking'] });
    const typed = {
      ...fieldsOf(form.text),
      name: 'Banks',
      rule,
      'good-days_active': '10',
      'flag-3-name': 'Silent',
      'flag-3-reading-0': 'active_on',
      'flag-3-op-0': 'at_least',
      'flag-3-value-0': '60',
    };
    const preview = await agent.post(`${page}/previews`).type('form').send(typed).expect(200);
    expect(preview.text).toContain('It judges 1 account.');
    await agent
      .post(`${page}/new`)
      .type('form')
      .send({ ...typed, rule: '{"field":"nonsense"}' })
      .expect(422);
    await agent.post(`${page}/new`).type('form').send(typed).expect(303);
    const id = await idOf('Banks');
    await agent
      .post(`${page}/${String(id)}/switches`)
      .type('form')
      .send({ to: 'on' })
      .expect(303);
    await agent
      .post(`${page}/${String(id)}/moves`)
      .type('form')
      .send({ way: 'down' })
      .expect(303);
    expect((await profiles()).map(({ name }) => name)).toEqual(['Onboarding', 'Banks', 'Default']);
    await recomputeAllHealth();
    const { rows } = await sql<{ rank: string }>`
      select h.rank from health h join accounts a on a.id = h.account_id where a.name = 'Kestrel Bank'`.execute(
      db,
    );
    expect(rows).toEqual([{ rank: 'average' }]);
    await agent
      .post(`${page}/${String(id)}/switches`)
      .type('form')
      .send({ to: 'off' })
      .expect(303);
    await agent
      .post(`${page}/${String(await idOf('Default'))}/switches`)
      .type('form')
      .send({ to: 'off' })
      .expect(409);
    for (const body of [{ to: 'sideways' }, {}])
      await agent
        .post(`${page}/${String(id)}/switches`)
        .type('form')
        .send(body)
        .expect(422);
  });

  test('in a browser the preview follows each key, and the pages are readable in light and dark, wide and narrow', async () => {
    const ada = await givenStaff({ roles: ['admin'], name: 'Ada Lindqvist' });
    await recomputeAllHealth();
    const id = String(await idOf('Default'));
    for (const look of looks) {
      const context = await browser.signedIn(ada, look);
      const tab = await context.newPage();
      const shot = (name: string) =>
        screenshot(tab, `health-profiles-${name}-${String(look.width)}-${look.scheme}`);
      await tab.goto(`${browser.url}${page}/${id}/edit`);
      await tab.locator('#field-good-days_active').fill('2');
      const preview = tab.locator('#draft-preview');
      await preview.getByText('2 accounts would change').waitFor();
      await tab.keyboard.press('Backspace');
      await preview.getByText('Give a whole number').waitFor();
      await tab.keyboard.type('2');
      await preview.getByText('2 accounts would change').waitFor();
      await expectAccessible(tab);
      await shot('form');
      for (const [name, path] of [
        ['list', page],
        ['show', `${page}/${id}`],
      ] as const) {
        await tab.goto(browser.url + path);
        await expectAccessible(tab);
        await shot(name);
      }
      await context.close();
    }
  }, 180_000);
});
