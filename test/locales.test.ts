import { existsSync, globSync, readFileSync } from 'node:fs';

import { createInstance } from 'i18next';
import FsBackend from 'i18next-fs-backend';
import { describe, expect, test } from 'vitest';

import { fallbacks, type Locale, locales } from '../src/platform/locale.ts';
import { surfaces } from '../src/platform/words.ts';

const full = ['en', 'de', 'es', 'fr', 'it', 'ja', 'pt'] as const;
const regional = locales.filter((locale) => !(full as readonly string[]).includes(locale));

/* The console speaks English alone. */
const translated = surfaces.filter((surface) => surface !== 'console');

/* Read as the product reads them. */
const files = createInstance();
await files.use(FsBackend).init({
  preload: [...locales],
  load: 'currentOnly',
  ns: [...surfaces],
  initAsync: false,
  backend: { loadPath: 'locales/{{lng}}/{{ns}}.yml' },
});

/** The words of one file by their whole key, plural forms included. */
function wordsOf(locale: Locale, surface: string): Map<string, string> {
  const words = new Map<string, string>();
  const gather = (value: unknown, key: string): void => {
    if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) gather(inner, key === '' ? name : `${key}.${name}`);
    else words.set(key, String(value));
  };
  gather(files.getResourceBundle(locale, surface) ?? {}, '');
  return words;
}

const plural = /_(zero|one|two|few|many|other)$/;
const keysOf = (words: Map<string, string>) =>
  [...new Set([...words.keys()].map((key) => key.replace(plural, '')))].sort();
const variablesOf = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();

const english = new Map(surfaces.map((surface) => [surface, wordsOf('en', surface)]));
const englishOf = (surface: (typeof surfaces)[number]) => english.get(surface) ?? new Map<string, string>();

describe.each(translated)('the words of %s', (surface) => {
  test.each(full)('are all there in %s, and no others', (locale) => {
    expect(englishOf(surface).size).toBeGreaterThan(5);
    expect(keysOf(wordsOf(locale, surface))).toEqual(keysOf(englishOf(surface)));
  });

  test.each(full)('have every plural form that %s needs', (locale) => {
    const words = wordsOf(locale, surface);
    const counted = [...words.keys()].filter((key) => plural.test(key)).map((key) => key.replace(plural, ''));
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    const missing = [...new Set(counted)]
      .flatMap((key) => forms.map((form) => `${key}_${form}`))
      .filter((key) => !words.has(key));
    expect(missing).toEqual([]);
  });

  test.each(locales)('say the same with the same values in %s', (locale) => {
    const wrong = [...wordsOf(locale, surface)].filter(([key, text]) => {
      const original =
        englishOf(surface).get(key) ?? englishOf(surface).get(key.replace(plural, '_other')) ?? '';
      const optional = plural.test(key) ? ['count', 'shown'] : [];
      const without = (names: (string | undefined)[]) =>
        names.filter((name) => !optional.includes(name ?? ''));
      return String(without(variablesOf(text))) !== String(without(variablesOf(original)));
    });
    expect(wrong).toEqual([]);
  });

  test.each(regional)('hold in %s only what differs', (locale) => {
    const behind = (fallbacks[locale] ?? []).map((each) => wordsOf(each, surface));
    const inherited = (key: string) => behind.find((words) => words.has(key))?.get(key);
    const same = [...wordsOf(locale, surface)]
      .filter(([key, text]) => inherited(key) === text)
      .map(([key]) => key);
    const unknown = keysOf(wordsOf(locale, surface)).filter(
      (key) => !keysOf(englishOf(surface)).includes(key),
    );
    expect({ same, unknown }).toEqual({ same: [], unknown: [] });
  });
});

describe('views', () => {
  const views = globSync('views/**/*.ejs').filter((file) => !file.startsWith('views/mail/'));
  const sourceOf = (file: string) => readFileSync(file, 'utf8');

  test('write nothing unescaped but partials, components, icons, times and a layout’s body', () => {
    const allowed = /^(include\(|ui\(|icon\(|time\(|body\b)/;
    const found = views.flatMap((file) =>
      [...sourceOf(file).matchAll(/<%-\s*([\s\S]*?)%>/g)]
        .map(([, code = '']) => code.trim())
        .filter(
          (code) => !allowed.test(code) && !knownMarkup.includes(`${file}: ${code.replace(/\s*-$/, '')}`),
        )
        .map((code) => `${file}: ${code}`),
    );
    expect(found).toEqual([]);
  });

  test('use only words that there are', () => {
    const missing = views.flatMap((file) => {
      const surface = surfaces.find((each) => file.startsWith(`views/${each}/`)) ?? 'shared';
      const known =
        surface === 'shared'
          ? surfaces.flatMap((each) => keysOf(englishOf(each)))
          : [...keysOf(englishOf(surface)), ...keysOf(englishOf('shared'))];
      return [...sourceOf(file).matchAll(/\bt\('([\w.-]+)'/g)]
        .map(([, key = '']) => key)
        .filter((key) => !known.includes(key) && !key.endsWith('.'))
        .map((key) => `${file}: ${key}`);
    });
    expect(missing).toEqual([]);
  });

  test('are there for everything that is rendered, under the surface that renders it', () => {
    const rendered = globSync('src/web/**/*.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\.render\(\s*'([\w/-]+)'/g)].map(([, view = '']) => ({
        file,
        view,
      })),
    );
    expect(rendered.length).toBeGreaterThan(10);
    expect(rendered.filter(({ view }) => !existsSync(`views/${view}.ejs`))).toEqual([]);
    const strangers = rendered.filter(
      ({ file, view }) => !file.startsWith(`src/web/${view.split('/')[0] ?? ''}/`),
    );
    expect(strangers).toEqual([]);
  });

  test('tell a component its icon as `icon`: by another name it would show none, or its own', () => {
    const called = views.flatMap((file) => [...sourceOf(file).matchAll(/\bui\('[\w-]+'[^%]*/g)].map(([call]) => `${file}: ${call}`)); // prettier-ignore
    expect(called.length).toBeGreaterThan(100);
    expect(called.filter((call) => /\bdrawn:/.test(call))).toEqual([]);
  });

  test('hold no words of their own', () => {
    const found = views.flatMap((file) =>
      sourceOf(file)
        .replaceAll(/<%[\s\S]*?%>/g, '')
        .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
        .split(/<[^>]*>/)
        .map((text) => text.replaceAll(/&\w+;/g, '').trim())
        .filter((text) => /\p{L}{2,}/u.test(text) && !named.includes(text))
        .map((text) => `${file}: ${text}`),
    );
    expect(found).toEqual([]);
  });
});

describe('styles', () => {
  test.each(globSync('public/css/*.css'))('%s closes each rule that it opens, and begins none in another’s selector', (file) => {
    const css = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|'[^']*'/g, '');
    const depths = css.match(/[{}]/g)?.reduce<number[]>((all, brace) => [...all, (all.at(-1) ?? 0) + (brace === '{' ? 1 : -1)], []);
    expect(depths?.at(-1)).toBe(0);
    expect(Math.max(...(depths ?? []))).toBeLessThan(4);
    expect(css.match(/[^{};\s][^{};]*@[^{};]*/g) ?? []).toEqual([]);
  }); // prettier-ignore
});

/** Markup that was made safe before it came to a view: an e-mail's (test/cases/email-html.test.ts). */
const knownMarkup = ['views/portal/cases/entry.ejs: entry.html'];

/** Names, which are the same in every language. */
const named = ['Halden Freight Group', 'Maya Okafor'];
