import { expect, test } from 'vitest';

import { type Scope, template } from '../../../src/platform/http/template.ts';

const rendered = (text: string, scope: Scope) =>
  template('/views/a.ejs', { text, root: '/views', include: () => () => '' }).render(scope);

test('a template names values of its own scope first, then of those around it', () => {
  const outer = { values: { name: 'outer', from: 'around' } };
  expect(rendered('<%= name %> <%= from %>', { values: { name: 'inner' }, outer })).toBe('inner around');
});

test('what it writes is escaped, unless it says otherwise', () => {
  expect(rendered('<%= a %>|<%- a %>|<%= b %>|<%= c %>', { values: { a: `<i>&"'`, b: null, c: 7 } })).toBe(
    `&lt;i&gt;&amp;&#34;&#39;|<i>&"'||7`,
  );
});

test('a name that nothing gives throws where it is used, and only there', () => {
  const text = '<% if (isShown) { %><%= title %><% } %>';
  const one = template('/views/a.ejs', { text, root: '/views', include: () => () => '' });
  expect(one.render({ values: { isShown: false } })).toBe('');
  expect(() => one.render({ values: { isShown: true } })).toThrow(/title is not defined/);
  expect(one.render({ values: { isShown: true, title: 'There' } })).toBe('There');
  expect(() => one.render({ values: { isShown: true } })).toThrow(/title is not defined/);
});

test('a variable may be called what a local is called, and take its value from `locals`', () => {
  const text = '<% const { tone = "neutral", label } = locals; %><%= tone %> <%= label %>';
  expect(rendered(text, { values: { label: 'New' } })).toBe('neutral New');
  expect(rendered(text, { values: { label: 'New', tone: 'info' } })).toBe('info New');
});

test('words that are reserved elsewhere, and what every object inherits, are names like others', () => {
  expect(rendered('<%= from %> <%= of %> <%= [1, 2].toString() %>', { values: { from: 'a', of: 'b' } })).toBe(
    'a b 1,2',
  );
});

test('an include is found from the folder of views, or beside the template', () => {
  const { pathOf } = template('/views/console/a.ejs', { text: '', root: '/views', include: () => () => '' });
  expect(pathOf('/shared/parts/head')).toBe('/views/shared/parts/head.ejs');
  expect(pathOf('entry')).toBe('/views/console/entry.ejs');
});
