import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSink } from '../../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.MAIL_FROM = 'news@harbour.example';

const { createApp } = await import('../../../src/app.ts');
const { makeTemplates } = await import('../../../src/content/seeded.ts');
const { createMessage, messagesSeenBy, versionSeenBy } = await import('../../../src/content/messages.ts');
const { blankContent } = await import('../../../src/content/blank.ts');
const { pool, db, sql } = await import('../../../src/platform/db.ts');
const { expectAccessible, looks, screenshot, useBrowser } = await import('../../support/browser.ts');
const { givenAccount, givenContact } = await import('../../support/mirror.ts');
const { givenStaff, signedIn, staffViewer } = await import('../../support/people.ts');

const browser = useBrowser(createApp);
const app = createApp();
let clara: Awaited<ReturnType<typeof givenStaff>>;
let ada: Awaited<ReturnType<typeof givenStaff>>;
let rita: Awaited<ReturnType<typeof givenStaff>>;

beforeAll(async () => {
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes', email: 'clara@rapport.example' });
  ada = await givenStaff({ roles: ['admin'], name: 'Ada Thornton', email: 'ada@rapport.example' });
  rita = await givenStaff({ roles: ['rep'], name: 'Rita Okafor' });
  const account = await givenAccount({ name: 'Bergen Foods' });
  for (const name of ['Nora Lund', 'Omar Haddad'])
    await givenContact({ account, name, email: `${name.split(' ')[0]?.toLowerCase() ?? ''}@bergen.example` });
  await sql`
    insert into account_people (account_id, contact_id, name, email_normalized)
    select account_id, id, name, lower(email) from contacts where account_id is not null`.execute(db);
  await makeTemplates();
}, 60_000);

afterAll(async () => {
  await pool.end();
  await sink.close();
});

async function givenLetter(name: string): Promise<string> {
  return await createMessage(await staffViewer(clara), { name, description: '', content: { ...(await blankContent('mjml')), variants: (await blankContent('mjml')).variants.map((each) => ({ ...each, subject: 'News of the harbour' })) } }); // prettier-ignore
}

const contentOf = async (id: string) => (await versionSeenBy(await staffViewer(clara), id)).content;

async function openEditor(id: string, who = clara): Promise<Page> {
  const page = await (await browser.signedIn(who)).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (asked) => {
    const { origin } = new URL(asked.url());
    if (origin !== browser.url && origin !== 'null') problems.push(`asked for ${asked.url()}`);
  });
  Object.assign(page, { problems });
  await page.goto(`${browser.url}/console/messages/${id}`);
  await page.waitForSelector('#message-editor[data-ready=yes]');
  await page.frameLocator('.gjs-frame').getByText('What you want to say').first().waitFor();
  return page;
}
const problemsOf = (page: Page) => (page as unknown as { problems: string[] }).problems;

const save = async (page: Page) => {
  await page.click('[data-act=save]');
  await page.getByText(/^Saved at/).waitFor();
};

describe('the editor', () => {
  test('begins with a template, is written in, previewed and saved as a version', async () => {
    const page = await (await browser.signedIn(clara)).newPage();
    await page.goto(`${browser.url}/console/messages/new`);
    await page.fill('input[name=name]', 'Spring letter');
    await page.getByLabel(/Personal check-in/).check();
    await page.click('main form button.primary');
    await page.waitForSelector('#message-editor[data-ready=yes]');
    await page.frameLocator('.gjs-frame').getByText('I have not heard from your team').waitFor();
    await page.fill('#field-subject', 'How is the spring?');
    await page.getByRole('button', { name: 'Line', exact: true }).click();
    await page.getByRole('tab', { name: 'Preview' }).click();
    await page.frameLocator('.preview-frame iframe').getByText('Hello Nora').waitFor();
    await save(page);
    const [message] = await messagesSeenBy(await staffViewer(clara), { kind: 'message', search: 'Spring' });
    expect(message?.version).toBe(2);
    const { variants } = await contentOf(message?.id ?? '');
    expect(variants[0]).toMatchObject({ subject: 'How is the spring?' });
    expect(variants[0]?.body).toContain('<mj-divider');
    expect(variants[0]?.body).toContain('{% if account.lastActiveOn %}');
  }, 60_000);

  test('leaves alone what nobody changed, asks nobody outside, and runs under the policy of scripts', async () => {
    const id = await givenLetter('Untouched');
    const before = await contentOf(id);
    const page = await openEditor(id);
    await page.fill('#field-name', 'Untouched, renamed');
    await save(page);
    expect(await contentOf(id)).toEqual(before);
    expect(problemsOf(page)).toEqual([]);
  }, 60_000);

  test('is worked with the keyboard: a block, its settings, the structure, undo and redo', async () => {
    const id = await givenLetter('By keyboard');
    const page = await openEditor(id);
    await page.getByRole('button', { name: 'Button', exact: true }).focus();
    await page.keyboard.press('Enter');
    const href = page.locator('#property-href');
    await href.fill('https://tidewater.example/spring');
    await href.press('Tab');
    await page.getByRole('button', { name: 'Up', exact: true }).click();
    await page.click('#tab-source');
    const source = page.locator('#field-body');
    expect(await source.inputValue()).toContain('href="https://tidewater.example/spring"');
    await page.click('[data-act=undo]');
    await page.click('[data-act=undo]');
    expect(await source.inputValue()).not.toContain('tidewater.example/spring');
    await page.click('[data-act=redo]');
    expect(await source.inputValue()).toContain('tidewater.example/spring');
  }, 60_000);

  test('puts merge fields in with what stands in their place', async () => {
    const page = await openEditor(await givenLetter('Fields'));
    await page.fill('#field-subject', 'For ');
    await page.click('[data-act=field][data-for=field-subject]');
    await page.fill('#field-search', 'person.firstName');
    await page.fill('#field-fallback', 'you');
    await page.click('#dialog-field button.primary');
    const subject = () => page.inputValue('#field-subject');
    await expect.poll(subject).toBe('For {{ person.firstName | default: "you" }}');
  }, 60_000);

  test('keeps what is being written, and tells whoever comes second', async () => {
    const id = await givenLetter('Two at once');
    const first = await openEditor(id);
    const second = await openEditor(id, ada);
    await second.getByText('Clara Mendes has this message open').waitFor();
    await first.fill('#field-subject', 'Clara’s words');
    await first.getByText('Kept; no version yet').waitFor();
    await second.fill('#field-subject', 'Ada’s words');
    await save(first);
    await second.click('[data-act=save]');
    await second
      .getByRole('dialog')
      .getByText(/Clara Mendes saved version 2/)
      .waitFor();
    expect((await contentOf(id)).variants[0]?.subject).toBe('Clara’s words');
    await second.click('#dialog-conflict [data-part=mine]');
    await second.getByText(/^Saved at/).waitFor();
    expect((await contentOf(id)).variants[0]?.subject).toBe('Ada’s words');
  }, 60_000);

  test('goes on with a draft where it was left', async () => {
    const id = await givenLetter('Left alone');
    const page = await openEditor(id);
    await page.fill('#field-subject', 'Half a thou');
    await page.getByText('Kept; no version yet').waitFor();
    await page.close();
    const again = await openEditor(id);
    expect(await again.inputValue('#field-subject')).toBe('Half a thou');
    expect((await contentOf(id)).variants[0]?.subject).toBe('News of the harbour');
  }, 60_000);

  test('holds languages and variants; a language without words of its own gets the nearest one', async () => {
    const id = await givenLetter('Many tongues');
    const page = await openEditor(id);
    await page.selectOption('#editor-locale', 'de');
    await page.fill('#field-subject', 'Neues vom Hafen');
    await page.click('[data-act=addVariant]');
    await page.fill('#field-subject', 'Hafen, neu');
    await save(page);
    const { variants, weights } = await contentOf(id);
    expect(weights).toEqual([1, 1]);
    expect(variants.map(({ locale, variant, subject }) => [locale, variant, subject])).toEqual([
      ['en', 0, 'News of the harbour'],
      ['de', 0, 'Neues vom Hafen'],
      ['en', 1, 'News of the harbour'],
      ['de', 1, 'Hafen, neu'],
    ]);
  }, 60_000);

  test('makes a segment table with its settings, and shows it in the preview', async () => {
    const id = await givenLetter('With a table');
    const page = await openEditor(id);
    await page.getByRole('button', { name: 'Segment table', exact: true }).click();
    await page.click('#dialog-tables [data-part=add]');
    await page.selectOption('#table-of', 'accounts');
    await page.getByText(/^For (Nora Lund|Omar Haddad) it finds now: 1$/).waitFor();
    await page.fill('#table-empty', 'Nothing near.');
    await page.click('#dialog-tables [data-part=insert]');
    await save(page);
    const { tables, variants } = await contentOf(id);
    expect(tables).toMatchObject({ table1: { of: 'accounts', emptyText: 'Nothing near.' } });
    expect(variants[0]?.body).toContain('{% table "table1" %}');
  }, 60_000);

  test('sends a test to whoever asks', async () => {
    const page = await openEditor(await givenLetter('To myself'));
    await page.click('[data-act=test]');
    await page.getByText('The test is on its way to clara@rapport.example').waitFor();
    expect(JSON.stringify(sink.posts.at(-1)?.posted)).toContain('clara@rapport.example');
  }, 60_000);

  test('without scripts it is a form that saves, and loses nothing to somebody who was quicker', async () => {
    const id = await givenLetter('Plain');
    const page = await (await browser.signedIn(clara, { scripts: false })).newPage();
    await page.goto(`${browser.url}/console/messages/${id}`);
    await page.fill('#field-subject', 'Plainly');
    const caller = await signedIn(app, ada);
    await caller.post(`/console/messages/${id}/saves`).send({ base: 1, name: 'Plain', description: '', content: await contentOf(id) }).expect(200); // prettier-ignore
    await page.click('[data-act=save]');
    await page.getByText(/Ada Thornton saved version 2 while you wrote/).waitFor();
    expect(await page.inputValue('#field-subject')).toBe('Plainly');
    await page.click('[data-act=save]');
    await page.getByText('The message is saved as a new version.').waitFor();
    expect((await contentOf(id)).variants[0]?.subject).toBe('Plainly');
  }, 60_000);
});

describe('the other pages', () => {
  test('an older version is compared and brought back', async () => {
    const id = await givenLetter('Older');
    const caller = await signedIn(app, clara);
    const content = await contentOf(id);
    const changed = {
      ...content,
      variants: content.variants.map((each) => ({ ...each, subject: 'Other words' })),
    };
    await caller.post(`/console/messages/${id}/saves`).send({ base: 1, name: 'Older', description: '', content: changed }).expect(200); // prettier-ignore
    const { text } = await caller.get(`/console/messages/${id}/versions/2`).expect(200);
    expect(text).toContain('News of the harbour</del>');
    expect(text).toContain('Other words</ins>');
    await caller.post(`/console/messages/${id}/versions/1/restorations`).expect(303);
    expect((await contentOf(id)).variants[0]?.subject).toBe('News of the harbour');
  });

  test('a rep reads messages and writes none', async () => {
    const id = await givenLetter('For reading');
    const caller = await signedIn(app, rita);
    const { text } = await caller.get(`/console/messages/${id}`).expect(200);
    expect(text).not.toContain('message-form');
    await caller.post(`/console/messages/${id}/saves`).send({ base: 1 }).expect(403);
  });

  test('the brand decides how new messages and untouched templates look', async () => {
    const caller = await signedIn(app, ada);
    const letter = await givenLetter('Begun before');
    const logo = await sharp({ create: { width: 300, height: 80, channels: 3, background: '#224466' } })
      .png()
      .toBuffer();
    const answer = await caller
      .post('/console/images')
      .set('accept', 'application/json')
      .attach('file', logo, 'logo.png')
      .expect(200);
    const image = answer.body as { id: string; url: string };
    await caller.post('/console/settings/brand/changes').type('form').send({ accent: '#7a1fa2', page: '#f4eef8', ink: '#221133', font: 'georgia', logo: image.id, logoWidth: '120', address: 'Tidewater Software\nQuay 4, Bergen' }).expect(303); // prettier-ignore
    const [body = ''] = (await blankContent('mjml')).variants.map((each) => each.body);
    for (const part of ['#7a1fa2', '#f4eef8', '#221133', 'Georgia', image.url, 'Quay 4, Bergen'])
      expect(body).toContain(part);
    const templates = await messagesSeenBy(await staffViewer(ada), { kind: 'template' });
    expect(
      templates.every(
        ({ version, problems }) => version === 2 && problems.every(({ severity }) => severity !== 'error'),
      ),
    ).toBe(true);
    await caller.post('/console/settings/brand/changes').type('form').send({ accent: 'red', page: '#f4eef8', ink: '#eeeeee', font: 'georgia', logo: '', logoWidth: '120', address: '' }).expect(422); // prettier-ignore

    /* What was begun before is offered, compared, and dressed anew as a version: by those who write messages, and once. */
    const brand = '/console/settings/brand/messages';
    const writer = await signedIn(app, clara);
    expect((await writer.get(`${brand}/offer`).expect(200)).text).toMatch(/messages? still looks?/);
    const { text: listed } = await writer.get(brand).expect(200);
    expect(listed).toContain(`value="${letter}:1"`);
    expect((await writer.get(`${brand}/${letter}`).expect(200)).text).toContain('Begun before');
    expect((await writer.get(`${brand}/${letter}/frame`).expect(200)).text).not.toContain('#7a1fa2');
    expect((await writer.get(`${brand}/${letter}/frame?look=today`).expect(200)).text).toContain('#7a1fa2');
    await writer.post(`${brand}/updates`).type('form').send({}).expect(422);
    await writer
      .post(`${brand}/updates`)
      .type('form')
      .send({ messages: `${letter}:7` })
      .expect(303);
    expect((await writer.get(brand)).text).toContain('0 of 1 were updated');
    await writer
      .post(`${brand}/updates`)
      .type('form')
      .send({ messages: `${letter}:1` })
      .expect(303);
    const dressed = await versionSeenBy(await staffViewer(clara), letter);
    expect(dressed.version).toBe(2);
    expect(dressed.content.variants[0]).toMatchObject({ body, subject: 'News of the harbour' });
    expect((await writer.get(brand)).text).not.toContain(letter);
    await writer.get(`${brand}/${letter}`).expect(404);
    await (await signedIn(app, rita)).get(brand).expect(403);
  }, 60_000);

  test.each(looks)(
    'are accessible at $width pixels, $scheme',
    async (look) => {
      const id = await givenLetter(`Looked at ${String(look.width)} ${look.scheme}`);
      const page = await (await browser.signedIn(ada, look)).newPage();
      for (const path of [
        'messages',
        'messages/new',
        'templates',
        'images',
        'settings/brand',
        `messages/${id}/versions`,
        `messages/${id}/versions/1`,
        `messages/${id}/links`,
        `messages/${id}`,
      ]) {
        await page.goto(`${browser.url}/console/${path}`);
        if (path === `messages/${id}`) await page.waitForSelector('#message-editor[data-ready=yes]');
        await expectAccessible(page);
        await screenshot(page, `editor-${path.replace(id, 'id')}-${String(look.width)}-${look.scheme}`);
      }
      await page.frameLocator('.gjs-frame').getByText('What you want to say').click();
      for (const tab of ['source', 'plain', 'preview', 'checks']) {
        await page.click(`#tab-${tab}`);
        await expectAccessible(page);
        await screenshot(page, `editor-tab-${tab}-${String(look.width)}-${look.scheme}`);
      }
    },
    120_000,
  );
});
