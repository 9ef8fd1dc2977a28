import fc from 'fast-check';
import { expect, test } from 'vitest';

import { build } from '../../src/content/build.ts';
import { compile, type Part } from '../../src/content/compiled.ts';
import { renderOne } from '../../src/content/content.ts';
import { harmlessCss } from '../../src/content/css.ts';
import {
  type Format,
  messageContent,
  type MessageContent,
  type Variant,
} from '../../src/content/document.ts';
import { safeUrl } from '../../src/content/escaping.ts';
import { bounds, liquidFor, renderBounded } from '../../src/content/liquid.ts';
import { anyMark } from '../../src/content/marks.ts';
import { htmlOf } from '../../src/content/mjml.ts';
import { withoutComments } from '../../src/content/outlook.ts';
import { sanitized } from '../../src/content/sanitize.ts';
import { cutter, type Scope } from '../../src/content/slots.ts';
import { mergeOne } from '../../src/content/values.ts';
import { dayOf, Money, teller } from '../../src/content/values-told.ts';

const hooks = {
  link: (_n: number, { url }: { url: string }) => url,
  unsubscribe: () => 'https://off.example/',
  preferences: () => 'https://choose.example/',
};

const said = (variant: Partial<Variant>, format: Format = 'html'): MessageContent => ({
  format,
  defaultLocale: 'en',
  weights: [1],
  variants: [{ locale: 'en', variant: 0, subject: 'Hello', preheader: '', body: '<p>Hello</p>', ...variant }],
  tables: {},
});

const ada: Scope = {
  person: { name: 'Ada', firstName: 'Ada' },
  account: { name: 'Northgate' },
  today: dayOf('2026-01-15'),
};

async function made(content: MessageContent) {
  const { built, problems } = await build(content);
  const { parts } = compile({ messageId: '', version: 1, name: '', content, built, problems });
  const part = parts.get('en/0')!;
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  return { part, errors, for: (scope: Scope = ada) => rendered(part, scope) };
}

const rendered = (part: Part, scope: Scope) => renderOne(part, mergeOne(part, scope, { n: 1, hooks }));

test.each([
  ['{{ constructor }}'],
  ['{{ constructor.constructor }}'],
  ['{{ person.constructor.name }}'],
  ['{{ person.__proto__ }}'],
  ['{{ __proto__.polluted }}'],
  ['{{ person["constructor"] }}'],
  ['{{ account.name.constructor }}'],
  ['{{ toString }}'],
  ['{{ person.hasOwnProperty }}'],
])('%s reaches nothing but what was put there', async (template) => {
  const { for: mailFor, errors } = await made(
    said({ body: `<p>[${template}]</p>`, subject: `[${template}]` }),
  );
  const { html, subject } = mailFor();
  expect(html).toContain('[]');
  expect(subject).toBe('[]');
  if (!template.includes('[')) expect(errors).toContain('unknownField');
});

test.each([
  ['{% include "/etc/passwd" %}'],
  ['{% render "x" %}'],
  ['{% layout "x" %}'],
  ['{% block x %}y{% endblock %}'],
  ['{% raw %}<script>{% endraw %}'],
  ['{% capture x %}<b>{% endcapture %}'],
  ['{% increment x %}'],
  ['{% liquid echo "x" %}'],
  ['{% echo person.name %}'],
  ['{% tablerow i in (1..3) %}{% endtablerow %}'],
])('%s is no tag of ours', async (template) => {
  const { errors } = await made(said({ body: `<p>${template}</p>` }));
  expect(errors).toContain('notAllowed');
});

test.each([
  ['{{ person.name | raw }}'],
  ['{{ person.name | json }}'],
  ['{{ person.name | strip_html }}'],
  ['{{ person.name | date: "%Y" }}'],
])('%s is no filter of ours', async (template) => {
  const { errors } = await made(said({ body: `<p>${template}</p>` }));
  expect(errors).toContain('syntax');
});

test.each([['{{ person.name | as_plain }}'], ['{{ shown.x.html }}'], ['{% if shown.x %}y{% endif %}']])(
  'nobody escapes for themselves: %s',
  async (template) => {
    const { errors } = await made(said({ body: `<p>${template}</p>` }));
    expect(errors).toContain('notAllowed');
  },
);

test.each([
  ['an endless loop', '{% for i in (1..1000000000) %}{% endfor %}'],
  [
    'loops within loops',
    '{% for i in (1..9999) %}{% for j in (1..9999) %}{% for k in (1..9999) %}x{% endfor %}{% endfor %}{% endfor %}',
  ],
  ['output without end', '{% for i in (1..9999) %}{{ person.long }}{% endfor %}'],
  [
    'texts that double',
    `{% assign x = person.long %}${'{% assign x = x | append: x %}'.repeat(40)}{{ x | size | append: x }}`,
  ],
  [
    'a range of text',
    '{% for i in (1..person.name) %}{{ i }}{% endfor %}{% for i in (1..99999999999999999999) %}{% endfor %}',
  ],
])('%s ends soon, and costs one recipient alone', (_name, template) => {
  const started = performance.now();
  const { cut, slots } = cutter(liquidFor('en'), teller('en'));
  cut(template.replaceAll(/\{\{([^{}]*)\}\}/g, '{{$1 | as_text }}'));
  const long = { ...ada, person: { name: 'Ada', long: 'x'.repeat(9_000) } };
  expect(() => slots.map(({ render }) => render(long))).toThrow();
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('a mail ends where its bounds are', () => {
  const engine = liquidFor('en');
  const scope = { list: Array.from({ length: 500 }, () => 'x'.repeat(1_000)) };
  expect(() =>
    renderBounded(engine, engine.parse('{% for each in list %}{{ each | as_text }}{% endfor %}'), scope),
  ).toThrow(/too large/);
  expect(bounds.characters).toBeLessThan(500_000);
});

const values = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '{{ person.name }}{% if true %}',
  '%s1%%unsubscribe%%l1%',
  'Ada\r\nBcc: everybody@example.com',
  'Ada\u2028Bcc: x',
  'NUL\u0000NUL',
  'lone \ud83d surrogate',
  '\u202egpj.exe',
  '<!--[if mso]><script>x</script><![endif]-->',
  '</style></title></p></a>',
];

test.each(values)('a value of %j is text, wherever it stands', async (value) => {
  const content = said({
    subject: 'For {{ person.name }}',
    preheader: '{{ person.name }}',
    body: '<p title="{{ person.name }}">{{ person.name }}</p><a href="{{ person.name }}">a</a><a href="https://x.example/?q={{ person.name }}">b</a><img src="https://x.example/i.png" alt="{{ person.name }}">{% if person.name %}<b>{{ person.name }}</b><a href="{{ person.name }}">c</a>{% endif %}',
  });
  const { for: mailFor, errors } = await made(content);
  expect(errors).toEqual([]);
  const { subject, html, text } = mailFor({ ...ada, person: { name: value } });
  expect(subject).not.toMatch(/[\r\n\0\u2028]/);
  expect(html).not.toMatch(
    /<script|<img src=x|onmouseover='|href="javascript:|<\/style><\/title>|<!--\[if mso\]><script/i,
  );
  expect(html.match(/<(?:p|b|a|img)\b/g)).toEqual(['<p', '<a', '<a', '<img', '<b', '<a']);
  for (const part of [subject, html, text]) {
    expect(part.isWellFormed()).toBe(true);
    // eslint-disable-next-line no-control-regex -- they must not be there
    expect(part).not.toMatch(/[\u0000-\u0008\u202e]/);
    expect(part.match(anyMark) ?? []).toEqual([]);
  }
  expect(html).not.toContain('off.example');
});

test('a subject is one line of text', () => {
  const refused = (variant: Partial<Variant>) => messageContent.safeParse(said(variant)).success;
  expect(refused({})).toBe(true);
  expect(refused({ subject: 'Hello\r\nBcc: everybody@example.com' })).toBe(false);
  expect(refused({ subject: 'Hello\u2028there' })).toBe(false);
  expect(refused({ body: 'NUL \0' })).toBe(false);
  expect(refused({ body: 'lone \ud83d' })).toBe(false);
  expect(refused({ body: 'x'.repeat(300_001) })).toBe(false);
});

test('HTML keeps no scripts, forms, frames, handlers, strange addresses nor comments', () => {
  const hostile = `
    <script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">a</a><a href="JaVa\tScript:x">b</a>
    <a href="data:text/html,x">c</a><a href="vbscript:x">d</a><iframe src="https://x.example"></iframe><form action="/x"><input></form>
    <object data="x"></object><embed src="x"><svg onload=alert(1)></svg><math><mi xlink:href="javascript:x"></mi></math>
    <meta http-equiv="refresh" content="0;url=https://x.example"><base href="https://x.example"><link rel="stylesheet" href="https://x.example">
    <p style="background:url(javascript:alert(1));width:expression(alert(1));behavior:url(x);position:fixed">e</p>
    <style>@import 'https://x.example/x.css'; .a{background:url(data:x)} </style><style></style><script>x</script><!-- <b> --><video src=x></video>`;
  const html = sanitized(hostile);
  expect(html).not.toMatch(
    /script|onerror|onload|iframe|<form|<input|<object|<embed|<svg|<math|refresh|<base|<link|expression|behavior|fixed|@import|data:|<!--|<video/i,
  );
});

test('styles cannot be put together out of what was taken away', () => {
  expect(harmlessCss('exp/**/ression(alert(1))')).not.toContain('expression(');
  expect(harmlessCss('java<script:x')).not.toContain('javascript:');
  expect(harmlessCss('@im@import x;port "y";')).not.toContain('@import');
  expect(harmlessCss('background:url("https://x.example/a.png")')).toContain('https://x.example/a.png');
  expect(harmlessCss('background:u\\72l(x)')).not.toContain('\\');
  expect(withoutComments('<!-<!-- x -->- y -->')).not.toMatch(/<!--|-->/);
});

test('comments for Outlook are those that MJML makes, and no others', async () => {
  const { for: mailFor } = await made(
    said({ body: '<mjml><mj-body><mj-section css-class="x--><script>y</script>"><mj-column><mj-text><!--[if mso]><script>x</script><![endif]-->Hello<!-- mine --></mj-text></mj-column></mj-section></mj-body></mjml>' }, 'mjml'),
  ); // prettier-ignore
  const { html } = mailFor();
  expect(html).toContain('<!--[if mso | IE]>');
  expect(html).not.toMatch(/<script|mine/);
});

test('MJML reads no files', async () => {
  const { errors } = await made(
    said(
      { body: '<mjml><mj-body><mj-include path="/etc/passwd" type="css" /><mj-section /></mj-body></mjml>' },
      'mjml',
    ),
  );
  expect(errors).toContain('markupFails');
  const { html } = await htmlOf(
    '<mjml><mj-body><mj-include path="/etc/passwd" /><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>',
  );
  expect(html).not.toContain('root:');
});

test('what is no MJML, or nested without end, fails by itself and soon', async () => {
  const deep = `<mjml><mj-body>${'<mj-wrapper>'.repeat(3_000)}</mj-body></mjml>`;
  for (const body of [
    '',
    'no markup',
    '<mjml>',
    deep,
    `<mjml><mj-body>${'<mj-section></mj-section>'.repeat(9_000)}</mj-body></mjml>`,
  ]) {
    const { part } = await made(said({ body }, 'mjml'));
    expect(rendered(part, ada).html.length).toBeLessThan(1_600_000);
  }
  const { for: mailFor } = await made(said({ body: '<mjml><mj-body><mj-section><mj-column><mj-text>Still here</mj-text></mj-column></mj-section></mj-body></mjml>' }, 'mjml')); // prettier-ignore
  expect(mailFor().html).toContain('Still here');
}, 90_000);

test('a merge field in styles or between elements is said to be misplaced', async () => {
  const { errors } = await made(
    said({
      body: '<p style="color:{{ person.name }}" class="{{ person.name }}">x</p><style>.{{ person.name }}{}</style>',
    }),
  );
  expect(errors.filter((code) => code === 'misplaced').length).toBeGreaterThan(0);
  const { errors: lost } = await made(
    said(
      {
        body: '<mjml>{{ person.name }}<mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>',
      },
      'mjml',
    ),
  );
  expect(lost).toContain('misplaced');
});

test('addresses that values bring lead to the web, a mailbox or a telephone, else nowhere', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl(),
        fc.constantFrom('javascript:x', ' javascript:x', 'java\nscript:x', 'DATA:x'),
      ),
      (text) => {
        expect(safeUrl(text)).toMatch(/^(#$|https?:\/\/|mailto:|tel:)/);
      },
    ),
  );
});

test('what is merged fast says what Liquid says', () => {
  const engine = liquidFor('en');
  const told = teller('en');
  const value = fc.oneof(
    fc.string({ unit: 'binary' }), fc.constantFrom('', '%s1%', '<b>', null, undefined, false, true, 0, 1234.5, [], ['a', 'b']),
    fc.constant(dayOf('2026-03-01')), fc.integer().map((minor) => new Money(minor)),
  ); // prettier-ignore
  const path = fc.constantFrom(
    'person.name',
    'person',
    'person.gone',
    'account.tags',
    'gone.gone',
    'person.constructor',
  );
  const fallback = fc.constantFrom('', ' | default: "you & <me>"', " | default: 'x'", ' | default: ""');
  const place = fc.constantFrom('text', 'attribute', 'url', 'url_part', 'plain', 'header');
  fc.assert(
    fc.property(
      fc.record({ name: value, tags: value, field: path, instead: fallback, where: place }),
      ({ name, tags, field, instead, where }) => {
        const template = `{{ ${field}${instead} | as_${where} }}`;
        const scope = { person: { name }, account: { tags } };
        const { cut, slots } = cutter(engine, told);
        cut(template);
        expect(slots[0]!.render(scope)).toBe(renderBounded(engine, engine.parse(template), scope));
      },
    ),
    { numRuns: 500 },
  );
});

test('conditions remembered for one recipient are never another one’s', () => {
  const engine = liquidFor('en');
  const { cut, slots } = cutter(engine, teller('en'));
  const template =
    '{% if account.rank == "poor" and person.score > 3 %}<b>{{ person.name | as_text }}</b>{% else %}{% for tag in account.tags %}{{ tag | as_text }},{% endfor %}{% endif %}';
  cut(template);
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          rank: fc.constantFrom('poor', 'good', null),
          score: fc.integer({ min: 0, max: 6 }),
          name: fc.string(),
          tags: fc.array(fc.constantFrom('a', 'b', '1', ',')),
        }),
        { maxLength: 30 },
      ),
      (people) => {
        for (const { rank, score, name, tags } of people) {
          const scope = { account: { rank, tags }, person: { score, name } };
          expect(slots[0]!.render(scope)).toBe(renderBounded(engine, engine.parse(template), scope));
        }
      },
    ),
  );
});
