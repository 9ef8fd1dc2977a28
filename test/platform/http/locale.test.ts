import request from 'supertest';
import { describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { negotiated } from '../../../src/platform/http/locale.ts';
import { givenCustomer, signedIn } from '../../support/people.ts';

const app = createApp();
const languageOf = ({ text }: { text: string }) => /<html lang="([^"]+)"/.exec(text)?.[1];

describe('the language of a page (LK3)', () => {
  test.each([
    ['de-CH,de;q=0.9,en;q=0.8', 'de'],
    ['es-MX', 'es-419'],
    ['es-ES,es;q=0.9', 'es'],
    ['en-IE', 'en-GB'],
    ['en-NZ', 'en-AU'],
    ['pt-BR', 'pt'],
    ['nl, fr;q=0.5, ja;q=0.9', 'ja'],
    ['ja;q=0, it;q=0.1', 'it'],
    ['zz', 'en'],
    ['', 'en'],
    ['*', 'en'],
  ] as const)('for a browser that asks for “%s” is %s', (header, locale) => {
    expect(negotiated(header)).toBe(locale);
  });

  test('is that of the address, whatever the browser asks for', async () => {
    expect(languageOf(await request(app).get('/fr/help').set('accept-language', 'de'))).toBe('fr');
  });

  test('is that chosen before, whatever the browser asks for, once one of our links was followed', async () => {
    const agent = request.agent(app);
    await agent.get('/it/help').set('sec-fetch-site', 'same-origin').expect(200);
    expect(languageOf(await agent.get('/help').set('accept-language', 'de'))).toBe('it');
  });

  test('is not changed for later pages by a link from elsewhere', async () => {
    const agent = request.agent(app);
    await agent.get('/it/help').set('sec-fetch-site', 'cross-site').expect(200);
    expect(languageOf(await agent.get('/help').set('accept-language', 'de'))).toBe('de');
  });

  test('is the saved choice of a person who signed in', async () => {
    const agent = await signedIn(app, await givenCustomer({ locale: 'ja' }));
    expect(languageOf(await agent.get('/portal').set('accept-language', 'de'))).toBe('ja');
    expect(languageOf(await agent.get('/de/portal'))).toBe('de');
  });

  test('stays that of the address when a page sends on to another', async () => {
    const answer = await request(app).get('/es-419/portal/cases').expect(303);
    expect(answer.headers.location).toBe('/es-419/sign-in?next=%2Fes-419%2Fportal%2Fcases');
  });

  test('is never mistaken for an address: /console has no translation, /xx is no language', async () => {
    await request(app).get('/de/console').expect(404);
    await request(app).get('/xx/help').expect(404);
  });
});

describe('the languages at the foot of a page (LK2)', () => {
  test('lead to the same page, its query kept', async () => {
    const { text } = await request(app).get('/de/help?from=mail');
    expect(text).toContain('href="/ja/help?from=mail"');
    expect(text).toContain('<link rel="alternate" hreflang="fr" href="');
  });
});
