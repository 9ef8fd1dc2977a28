import { beforeAll, expect, test } from 'vitest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { build } from '../../src/content/build.ts';
import {
  compileMessage,
  maySend,
  messageVersion,
  newestVersion,
  renderOne,
  valuesFor,
  type Hooks,
  type Target,
} from '../../src/content/content.ts';
import type { MessageContent, SegmentTable, Variant } from '../../src/content/document.ts';
import {
  archiveMessage, changeMessage, copyMessage, createMessage, messagesSeenBy, restoreMessage, versionSeenBy, versionsOf,
} from '../../src/content/messages.ts'; // prettier-ignore
import { linkReport } from '../../src/content/link-report.ts';
import { columnFields, mergeFields } from '../../src/content/picker.ts';
import { previewContent } from '../../src/content/previews.ts';
import { previewTable } from '../../src/content/table-previews.ts';
import { chosenVariant, messageLocale } from '../../src/content/planning.ts';
import { makeTemplates } from '../../src/content/seeded.ts';
import { fonts, type Look, plainLook } from '../../src/content/templates/dressing.ts';
import { redressed } from '../../src/content/templates/redressing.ts';
import { templates, templatesIn } from '../../src/content/templates/templates.ts';
import { brandColors } from '../../src/platform/brand.ts';
import { Conflict, Forbidden, NotFound } from '../../src/platform/errors.ts';
import { DAY, now } from '../../src/platform/clock.ts';
import { db, sql } from '../../src/platform/db.ts';
import { locales } from '../../src/platform/locale.ts';
import { givenAccount, givenContact, salesforceId } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';
import { statementsOf } from '../support/statements.ts';

let csm: StaffViewer;
beforeAll(async () => {
  const { id, email, userId } = await givenStaff({ roles: ['csm'], name: 'Cleo Marsh' });
  csm = {
    kind: 'staff',
    personId: id,
    name: 'Cleo Marsh',
    email,
    locale: 'en',
    timeZone: 'UTC',
    userId,
    roles: ['csm'],
  };
});

const hooks: Hooks = {
  link: (n, { number }) => `https://links.example/${n}/${number}`,
  unsubscribe: (n) => `https://links.example/off/${n}`,
  preferences: (n) => `https://links.example/preferences/${n}`,
};

const said = (variant: Partial<Variant>, more: Partial<MessageContent> = {}): MessageContent => ({
  format: 'html',
  defaultLocale: 'en',
  weights: [1],
  variants: [{ locale: 'en', variant: 0, subject: 'Hello', preheader: '', body: '<p>Hello</p>', ...variant }],
  tables: {},
  ...more,
});

async function somebody(name: string, account: Parameters<typeof givenAccount>[0] = {}): Promise<Target> {
  const { id: accountId } = await givenAccount(account);
  const contact = await givenContact({ account: { id: accountId }, name });
  const { rows } = await sql<{ id: number }>`
    insert into account_people (account_id, contact_id, email_normalized, name)
    values (${accountId}, ${contact.id}, ${contact.email}, ${name}) returning id`.execute(db);
  return { n: rows[0]!.id, personId: rows[0]!.id, locale: 'en', variant: 0 };
}

async function written(content: MessageContent, ...targets: Target[]) {
  const id = await createMessage(csm, { name: 'Hello', description: '', content });
  const version = await newestVersion(id);
  const compiled = compileMessage(version);
  const { rows, failed } = await valuesFor(db, compiled, targets, { hooks });
  const mails = targets.map(({ n }) => {
    const row = rows.get(n);
    return row && renderOne(row.part, row.values);
  });
  return { mails, failed, problems: version.problems, compiled, version };
}

test('a message says each recipient what is theirs', async () => {
  const ada = await somebody('Ada Lovelace', { name: 'Analytical & Sons' });
  const bob = await somebody('Bob <b>Stone</b>');
  const { mails, failed } = await written(
    said({
      subject: 'For {{ person.firstName | default: "you" }}',
      body: '<p>Dear {{ person.name }}, of {{ account.name }} in {{ account.industry | default: "your trade" }}.</p>',
    }),
    ada,
    bob,
  );
  expect(failed.size).toBe(0);
  expect(mails[0]?.subject).toBe('For Ada');
  expect(mails[0]?.html).toContain('Dear Ada Lovelace, of Analytical &amp; Sons in your trade.');
  expect(mails[1]?.html).toContain('Bob &lt;b&gt;Stone&lt;/b&gt;');
});

test('variants are spread by their weights, and the same person gets the same one each time', async () => {
  const version = { content: said({}, { weights: [1, 0, 3] }) };
  const draw = async () => {
    const { rows } = await sql<{ variant: number; count: number }>`
      select variant, count(*)::int as count
      from (select ${chosenVariant(version, sql`'campaign ' || n`)} as variant from generate_series(1, 20000) n) drawn
      group by 1 order by 1`.execute(db);
    return rows;
  };
  const drawn = await draw();
  expect(drawn.map(({ variant }) => variant)).toEqual([0, 2]);
  expect(drawn[0]!.count / 20_000).toBeCloseTo(0.25, 1);
  expect(await draw()).toEqual(drawn);
});

test('a reader gets the nearest language that a message has', async () => {
  const inLocale = (locale: Variant['locale']): Variant => ({
    locale,
    variant: 0,
    subject: locale,
    preheader: '',
    body: '<p>x</p>',
  });
  const version = { content: said({}, { variants: [inLocale('en'), inLocale('es'), inLocale('en-GB')] }) };
  const { rows } = await sql<{ read: string; said: string }>`
    select read, ${messageLocale(version, sql`read`)} as said
    from unnest(array['es-419', 'es', 'en-AU', 'de', 'xx']) read`.execute(db);
  expect(Object.fromEntries(rows.map(({ read, said }) => [read, said]))).toEqual({
    'es-419': 'es', es: 'es', 'en-AU': 'en-GB', de: 'en', xx: 'en',
  }); // prettier-ignore
});

const mjml = (body: string) =>
  `<mjml><mj-body><mj-section><mj-column><mj-text>${body}</mj-text></mj-column></mj-section></mj-body></mjml>`;

test('MJML becomes HTML and text with its fields, links and ways out', async () => {
  const ada = await somebody('Ada <i>Lovelace</i>', { industry: 'Retail' });
  const { mails, failed, problems } = await written(
    said(
      {
        subject: 'Hi {{ person.firstName | default: "there" }}',
        preheader: 'For {{ account.name }}',
        body: mjml(
          `Dear {{ person.name }}, {% if account.industry == "Retail" %}<a href="https://shop.example/?a=1&b=2">shops</a>{% else %}others{% endif %}
           <a href="https://tidewater.example/{{ account.name }}">yours</a> <a href="{{ links.unsubscribe }}">off</a><!-- a secret -->`,
        ),
      },
      { format: 'mjml' },
    ),
    ada,
  );
  expect(failed.size).toBe(0);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { subject, html, text } = mails[0]!;
  expect(subject).toBe('Hi Ada');
  expect(html).toContain('Dear Ada &lt;i&gt;Lovelace&lt;/i&gt;');
  expect(html).toContain('<!--[if mso | IE]><table');
  expect(html).not.toContain('secret');
  expect(html).toMatch(new RegExp(`<a href="https://links.example/${ada.n}/\\d"[^>]*>shops</a>`));
  expect(html).toContain(`<a href="https://links.example/off/${ada.n}"`);
  expect(html).toContain('For Northgate Logistics');
  expect(html).not.toMatch(/%[sl]\d+%|q[0-9a-f]{10}x/);
  expect(text).toContain('Dear Ada <i>Lovelace</i>');
  expect(text).toMatch(/shops: https:\/\/links\.example/);
});

async function license(accountId: string, until: string, seats: number): Promise<void> {
  const id = salesforceId('a0L');
  await sql`insert into licenses (id, name, account_id, edition, seats, status, support_until, modified_at)
    values (${id}, ${id}, ${accountId}, 'Server', ${seats}, 'Active', ${until}, now())`.execute(db);
}

test('a link with fields is followed up within a condition, too; that of a loop or a variable works, and it is said that nobody counts it', async () => {
  const ada = await somebody('Ada Lovelace', { name: 'Loop & Co', industry: 'Retail' });
  const link = (words: string, field: string) => `<a href="https://shop.example/${words}/{{ ${field} }}">${words}</a>`;
  const body = `{% if account.industry == "Retail" %}${link('within', 'person.name')}{% endif %}{% for each in person.accounts %}${link('loop', 'each.name')}{% endfor %}{% assign who = person.name %}${link('variable', 'who')}`;
  const { mails, problems, version } = await written(said({ body }), ada);
  expect(version.built.parts[0]?.links.map(({ label }) => label)).toEqual(['within']);
  expect(mails[0]?.html).toContain(`<a href="https://links.example/${ada.n}/1">within</a>`);
  expect(mails[0]?.html).toContain('<a href="https://shop.example/loop/Loop%20%26%20Co">loop</a>');
  expect(mails[0]?.html).toContain('<a href="https://shop.example/variable/Ada%20Lovelace">variable</a>');
  expect(problems.map(({ code, severity, detail }) => [code, severity, detail])).toEqual([
    ['uncounted', 'warning', 'https://shop.example/loop/{{ each.name }}'],
    ['uncounted', 'warning', 'https://shop.example/variable/{{ who }}'],
    ['noUnsubscribe', 'warning', ''],
  ]);
}); // prettier-ignore

const renewals: SegmentTable = {
  of: 'licenses',
  reach: 'siblings',
  isOfAllAccounts: false,
  rule: { field: 'license.supportUntil', op: 'withinNext', value: 90 },
  columns: [
    { field: 'account.name' },
    { field: 'license.supportUntil', heading: { en: 'Ends', de: 'Endet' } },
    { field: 'license.seats' },
  ],
  sort: { field: 'license.supportUntil', direction: 'ascending' },
  limit: 2,
  hasTotals: true,
  emptyText: { en: 'Nothing is due.', de: 'Nichts steht an.' },
};
const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);
const withTable = (table: SegmentTable, variants?: Variant[]) =>
  said(
    {
      body: '<div>{% table "renewals" %}</div>{% for row in tables.renewals %}<i>{{ row.license.seats }}</i>{% endfor %}',
    },
    { tables: { renewals: table }, ...(variants && { variants }) },
  );

test('a table lists what belongs to the siblings of an account, sorted, cut off, added up, and not what is not asked for', async () => {
  const { id: parent } = await givenAccount({ name: 'Group' });
  const ada = await somebody('Ada Lovelace', { parent_id: parent });
  const { id: near } = await givenAccount({ name: 'Near <b>', parent_id: parent });
  const { id: far } = await givenAccount({ name: 'Far', parent_id: parent });
  const { id: strange } = await givenAccount({ name: 'Strange' });
  await license(near, day(10), 5);
  await license(near, day(400), 70);
  await license(far, day(20), 1200);
  await license(far, day(30), 7);
  await license(strange, day(5), 9);
  const lone = await somebody('Lone Wolf');
  const { mails, problems } = await written(withTable(renewals), ada, lone);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { html, text } = mails[0]!;
  const { html: empty } = mails[1]!;
  expect(html.match(/Near &lt;b&gt;|>Far</g)).toEqual(['Near &lt;b&gt;', '>Far<']);
  expect(html).toContain('>Ends<');
  expect(html).toContain('1,212');
  expect(html).toContain('1 more');
  expect(html).toContain('<i>5</i><i>1,200</i>');
  expect(html).not.toContain('Strange');
  expect(text).toContain('- Near <b>, Ends: ');
  expect(empty).toContain('Nothing is due.');
  const seen = { personId: ada.personId, locale: 'en' } as const;
  const found = await previewTable(csm, renewals, seen);
  expect(found).toMatchObject({ person: { name: 'Ada Lovelace' }, total: 3 });
  expect(found?.text.split('\n')).toHaveLength(3);
  expect(await previewTable(csm, renewals, { ...seen, personId: lone.personId })).toMatchObject({ total: 0, text: '' });
  expect(await previewTable(csm, { ...renewals, columns: [{ field: 'license.nothing' }] }, seen)).toBeUndefined();
}); // prettier-ignore

test('tables reach the account itself, its children, parent, branch, and those it sells to', async () => {
  const { id: top } = await givenAccount({ name: 'Top' });
  const ada = await somebody('Ada Lovelace', { name: 'Middle', parent_id: top });
  const [{ account_id: middle }] = (
    await sql<{ account_id: string }>`
    select account_id from account_people where id = ${ada.personId}`.execute(db)
  ).rows as [{ account_id: string }];
  const { id: leaf } = await givenAccount({ name: 'Leaf', parent_id: middle });
  await givenAccount({ name: 'Leaflet', parent_id: leaf });
  await givenAccount({ name: 'Beside', parent_id: top });
  const { id: bought } = await givenAccount({ name: 'Bought' });
  await sql`update accounts set distributor_id = ${middle} where id = ${bought}`.execute(db);
  const names = async (reach: SegmentTable['reach']) => {
    const accounts: SegmentTable = {
      ...renewals, of: 'accounts', reach, rule: undefined, limit: 10, hasTotals: false,
      columns: [{ field: 'account.name' }], sort: { field: 'account.name', direction: 'ascending' },
    }; // prettier-ignore
    const { mails } = await written(said({ body: '<p>{% for row in tables.renewals %}{{ row.account.name }} {% endfor %}</p>' }, { tables: { renewals: accounts } }), ada); // prettier-ignore
    return /<p>(.*?) ?<\/p>/.exec(mails[0]!.html)?.[1];
  };
  expect(await names('own')).toBe('Middle');
  expect(await names('parents')).toBe('Top');
  expect(await names('children')).toBe('Leaf');
  expect(await names('siblings')).toBe('Beside');
  expect(await names('branch')).toBe('Leaf Leaflet Middle');
  expect(await names('distributed')).toBe('Bought');
  await sql`update accounts set parent_id = ${leaf} where id = ${top}`.execute(db);
  expect(await names('branch')).toBe('Beside Leaf Leaflet Middle Top');
});

test('one mail tells a person of all their accounts', async () => {
  const ada = await somebody('Ada Lovelace', { name: 'First' });
  const { id: second } = await givenAccount({ name: 'Second' });
  const contact = await givenContact({ account: { id: second } });
  await sql`insert into account_people (account_id, contact_id, email_normalized, name)
    select ${second}, ${contact.id}, email_normalized, name from account_people where id = ${ada.personId}`.execute(
    db,
  );
  const own: SegmentTable = { ...renewals, of: 'accounts', reach: 'own', rule: undefined, isOfAllAccounts: true, hasTotals: false,
    columns: [{ field: 'account.name' }], sort: { field: 'account.name', direction: 'descending' } }; // prettier-ignore
  const { mails } = await written(
    said({ body: '<p>{{ person.accounts | size }}: {% for each in person.accounts %}{{ each.name }}, {% endfor %}</p>{% table "all" %}' }, { tables: { all: own } }),
    ada,
  ); // prettier-ignore
  expect(mails[0]!.html).toContain('2: First, Second, ');
  expect(mails[0]!.html).toMatch(/Second[\s\S]*First/);
});

test('a thousand recipients are looked up in a handful of statements', async () => {
  const targets = await Promise.all(Array.from({ length: 20 }, (_, i) => somebody(`Person ${i}`)));
  const id = await createMessage(csm, {
    name: 'Many',
    description: '',
    content: withTable({ ...renewals, reach: 'own' }),
  });
  const compiled = compileMessage(await newestVersion(id));
  await valuesFor(db, compiled, targets, { hooks });
  const few = await statementsOf(() => valuesFor(db, compiled, targets.slice(0, 2), { hooks }));
  const many = await statementsOf(() => valuesFor(db, compiled, targets, { hooks }));
  expect(many).toBe(few);
  expect(many).toBeLessThanOrEqual(6);
});

test('whoever has a value that no mail can carry fails alone, with the reason', async () => {
  const [ada, bob, eve] = [
    await somebody('Ada Lovelace'),
    await somebody('Bob Stone'),
    await somebody('Eve Moss'),
  ];
  await sql`update contacts set department = repeat('x', 1000000)
    where id = (select contact_id from account_people where id = ${bob.personId})`.execute(db);
  const { mails, failed } = await written(
    said({ body: '<p>{{ person.name }} {{ person.department | default: "–" }}</p>' }), ada, bob, eve, { ...eve, n: -1, personId: -1 },
  ); // prettier-ignore
  expect(mails.map((mail) => mail !== undefined)).toEqual([true, false, true, false]);
  expect(failed.get(bob.n)).toEqual({ reason: 'content_value_too_long', detail: 'person.department' });
  expect(failed.get(-1)?.reason).toBe('content_gone');
});

test('a template that fails for one recipient is sent to the others', async () => {
  const [ada, bob] = [await somebody('Ada Lovelace', { industry: 'Retail' }), await somebody('Bob Stone')];
  const { mails, failed } = await written(
    said({ body: '<p>{% if account.industry == "Retail" %}{% for i in (1..9999999) %}{{ i }}{% endfor %}{% endif %}x</p>' }), ada, bob,
  ); // prettier-ignore
  expect(failed.get(ada.n)?.reason).toBe('content_failed');
  expect(mails[1]?.html).toContain('<p>x</p>');
});

test('the delivered templates are made once, without a fault, in every language that they are said to have', async () => {
  await makeTemplates();
  await makeTemplates();
  const made = await messagesSeenBy(csm, { kind: 'template' });
  expect(made.map(({ name }) => name).sort()).toEqual(templates.map(({ name }) => name).sort());
  for (const { name, problems } of made) expect({ name, problems }).toEqual({ name, problems: [] });
  expect(made.find(({ name }) => name === 'Welcome')?.locales).toHaveLength(10);
  const ada = await somebody('Ada Lovelace');
  for (const { id } of made)
    for (const locale of locales) {
      const { rows, failed } = await valuesFor(
        db,
        compileMessage(await newestVersion(id)),
        [{ ...ada, locale }],
        { hooks },
      );
      expect(failed.size).toBe(0);
      const { part, values } = rows.get(ada.n)!;
      const { html, text, subject } = renderOne(part, values);
      expect(`${subject}${html}${text}`).not.toMatch(/\{\{|\{%|undefined|\[object|%s\d/);
      expect(html.length).toBeLessThan(60_000);
      expect(text).toContain(`https://links.example/off/${ada.n}`);
    }
}, 60_000);

test('a message of text alone has its links followed up, too', async () => {
  const ada = await somebody('Ada Lovelace');
  const { mails, compiled } = await written(
    said({ body: 'Hello {{ person.firstName | default: "there" }}, see https://tidewater.example/new?a=1. Bye!' }, { format: 'text' }), ada,
  ); // prettier-ignore
  expect(mails[0]).toMatchObject({ html: '', text: `Hello Ada, see https://links.example/${ada.n}/1. Bye!` });
  expect([...compiled.parts.values()][0]!.links[0]!.target({})).toBe('https://tidewater.example/new?a=1');
});

test('ten rows of a table leave room for the rest within what a provider takes for one recipient', async () => {
  const ada = await somebody('Ada Lovelace');
  for (let i = 0; i < 12; i++) {
    const { rows } = await sql<{
      id: string;
    }>`select account_id as id from account_people where id = ${ada.personId}`.execute(db);
    await license(rows[0]!.id, day(i + 1), 1000 + i);
  }
  const id = await createMessage(csm, {
    name: 'Rows',
    description: '',
    content: withTable({ ...renewals, reach: 'own', limit: 10 }),
  });
  const { rows } = await valuesFor(db, compileMessage(await newestVersion(id)), [ada], { hooks });
  const bytes = Object.entries(rows.get(ada.n)!.values).reduce(
    (sum, [mark, value]) => sum + Buffer.byteLength(mark + value),
    0,
  );
  expect(bytes).toBeGreaterThan(2_000);
  expect(bytes).toBeLessThan(7_000);
});

test('a message in another look is what it would have been, had it begun in that one; its own words and colours stay', () => {
  const looks: Look[] = [
    plainLook(),
    { accent: brandColors('#ffcc00'), page: '#ffffff', ink: '#221133', font: fonts.georgia, logo: { url: 'https://harbour.example/media/a.png', width: 120 }, address: 'Tidewater & Co\nQuay 4, Bergen' },
    { accent: brandColors('#111111'), page: '#eeeeee', ink: '#000000', font: fonts.arial, logo: { url: 'https://harbour.example/media/a.png', width: 90 }, address: '' },
    { accent: brandColors('#7a1fa2'), page: '#f4eef8', ink: '#221133', font: fonts.verdana, logo: undefined, address: 'Another road 5' },
  ];
  for (const from of looks)
    for (const to of looks.filter((look) => look !== from)) {
      const wanted = templatesIn(to);
      for (const [i, { content }] of templatesIn(from).entries()) {
        const made = redressed(content, from, to);
        expect(made).toEqual(wanted[i]?.content);
        expect(made && redressed(made, from, to)).toBeUndefined();
      }
    }
  const [before = plainLook(), , , after = before] = looks;
  const own = '<mj-text color="#0b6e8f0">Ours: #123456</mj-text><mj-text font-family="Arial">{{ person.name }}</mj-text>';
  expect(redressed(said({ body: own }, { format: 'mjml' }), before, after)).toBeUndefined();
  expect(redressed(said({ body: before.accent.light }, { format: 'html' }), before, after)).toBeUndefined();
}); // prettier-ignore

test('what a marketing message owes its recipients is a way out', async () => {
  const bare = await written(said({ body: '<p>Hello</p>' }), await somebody('Ada Lovelace'));
  const fair = await written(
    said({ body: '<p>Hello</p><a href="{{ links.unsubscribe }}">Off</a>' }),
    await somebody('Ada Lovelace'),
  );
  expect(maySend(bare.version, 'marketing')).toBe(false);
  expect(maySend(bare.version, 'transactional')).toBe(true);
  expect(maySend(fair.version, 'marketing')).toBe(true);
  const broken = await written(
    said({ body: '<p>{{ person.shoeSize }}</p>' }),
    await somebody('Ada Lovelace'),
  );
  expect(maySend(broken.version, 'transactional')).toBe(false);
});

test.each([
  ['<p>{{ account.industry }}</p>', 'noFallback', 'account.industry'],
  [
    '<p>{{ account.industry | default: "x" }}{% if account.city %}{{ account.city }}{% endif %}</p>',
    undefined,
    '',
  ],
  ['<p>{{ person.shoeSize }}</p>', 'unknownField', 'person.shoeSize'],
  ['<p>{% table "none" %}</p>', 'unknownTable', 'none'],
  ['<p>{% if person.name %}</p>', 'syntax', 'tag {% if person.name %} not closed'],
  ['<img src="https://tidewater.example/a.png">', 'noAlt', 'https://tidewater.example/a.png'],
  ['<img src="http://tidewater.example/a.png" alt="">', 'insecureImage', 'http://tidewater.example/a.png'],
  ['<p><a href="http://tidewater.example/">a</a></p>', 'insecureLink', 'http://tidewater.example/'],
  ['<p><a href="https://127.0.0.1/">a</a></p>', 'notPublicLink', 'https://127.0.0.1/'],
  ['<p><a href="https://2130706433/">a</a></p>', 'notPublicLink', 'https://2130706433/'],
  ['<p><a href="https://intranet/">a</a></p>', 'notPublicLink', 'https://intranet/'],
  ['<p><a href="/relative">a</a></p>', 'brokenLink', '/relative'],
  ['<p><a href="#">a</a></p>', 'brokenLink', ''],
  ['<p>Act now, dear friend!</p>', 'spamWord', 'act now'],
  [`<p>${'long '.repeat(25_000)}</p>`, 'clipped', '125'],
  ['', 'empty', ''],
])('%s is seen to be wrong before it is sent', async (body, code, detail) => {
  const { problems } = await build(
    said({ body: body === '' ? '' : `${body}<a href="{{ links.unsubscribe }}">Off</a><p>text</p>` }),
  );
  const found = problems
    .filter((problem) => problem.code !== 'noUnsubscribe')
    .map((problem) => [problem.code, problem.detail]);
  if (code === undefined) expect(found).toEqual([]);
  else expect(found).toContainEqual([code, detail]);
});

test('a subject that shouts is said to', async () => {
  const codes = async (subject: string) => (await build(said({ subject }))).problems.map(({ code }) => code);
  expect(await codes('THE BEST OFFER')).toContain('shouting');
  expect(await codes('Really?!!')).toContain('shouting');
  expect(await codes('')).toContain('noSubject');
  expect(await codes('x'.repeat(80))).toContain('longSubject');
  expect(await codes('For {{ person.name }}')).not.toContain('longSubject');
});

test('what is being written is shown as somebody would get it, before it is saved', async () => {
  const ada = await somebody('Ada Lovelace');
  const content = said({
    body: '<p>Dear {{ person.name }}, {{ person.shoeSize }}<a href="https://x.example/">x</a></p>',
  });
  const shown = await previewContent(csm, content, { locale: 'de', variant: 0, personId: ada.personId });
  expect(shown.html).toContain('Dear Ada Lovelace');
  expect(shown.html).toContain('href="https://x.example/"');
  expect(shown.person).toEqual({ id: ada.personId, name: 'Ada Lovelace' });
  expect(shown.problems.map(({ code }) => code)).toContain('unknownField');
  expect((await previewContent(csm, content, { locale: 'en', variant: 0 })).person).toBeDefined();
  await expect(previewContent(csm, content, { locale: 'en', variant: 0, personId: -5 })).rejects.toThrow(
    NotFound,
  );
  await expect(previewContent({ kind: 'visitor' }, content, { locale: 'en', variant: 0 })).rejects.toThrow(
    NotFound,
  );
});

test('a change is a new version; who changes an old one is told, and runs keep what they began with', async () => {
  const id = await createMessage(csm, {
    name: 'Versions',
    description: '',
    content: said({ subject: 'One' }),
  });
  const first = await newestVersion(id);
  const draft = { name: 'Versions', description: '', content: said({ subject: 'Two' }), base: 1 };
  expect(await changeMessage(csm, id, draft)).toBe(2);
  await expect(changeMessage(csm, id, draft)).rejects.toThrow(Conflict);
  expect((await newestVersion(id)).built.parts[0]!.subject).toBe('Two');
  expect((await messageVersion(id, 1)).built.parts[0]!.subject).toBe(first.built.parts[0]!.subject);
  expect((await versionsOf(csm, id)).map(({ version }) => version)).toEqual([2, 1]);
  const copy = await copyMessage(csm, id, 'Copy');
  expect((await versionSeenBy(csm, copy)).content.variants[0]!.subject).toBe('Two');
  await archiveMessage(csm, id);
  expect((await messagesSeenBy(csm)).map((message) => message.id)).not.toContain(id);
  await expect(changeMessage(csm, id, { ...draft, base: 2 })).rejects.toThrow(Conflict);
  await restoreMessage(csm, id);
  expect((await messagesSeenBy(csm, { search: 'versions' })).map((message) => message.id)).toEqual([id]);
});

test('success managers and administrators write messages, other staff read them, nobody else knows of them', async () => {
  const id = await createMessage(csm, { name: 'Rights', description: '', content: said({}) });
  for (const role of ['rep', 'support'] as const) {
    const reader: StaffViewer = { ...csm, roles: [role] };
    await expect(createMessage(reader, { name: 'x', description: '', content: said({}) })).rejects.toThrow(
      Forbidden,
    );
    await expect(archiveMessage(reader, id)).rejects.toThrow(Forbidden);
    expect((await versionSeenBy(reader, id)).version).toBe(1);
  }
  await expect(versionSeenBy({ kind: 'visitor' }, id)).rejects.toThrow(NotFound);
  expect(await messagesSeenBy({ kind: 'visitor' })).toEqual([]);
});

test('merge fields are offered by names that people understand, and every one of them can be merged', async () => {
  const fields = await mergeFields();
  for (const { name, label } of fields)
    expect({ name, isNamed: label !== name && label !== '' }).toEqual({ name, isNamed: true });
  expect(fields.find(({ name }) => name === 'person.firstName')).toMatchObject({
    label: 'first name',
    needsFallback: true,
  });
  expect(fields.map(({ name }) => name)).not.toContain('account.owner');
  const all = fields.filter(({ type }) => type !== 'link').map(({ name }) => `{{ ${name} | default: "–" }}`);
  const { failed, problems } = await written(
    said({ body: `<p>${all.join(' ')}</p>` }),
    await somebody('Ada Lovelace'),
  );
  expect(failed.size).toBe(0);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect((await columnFields('license')).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['license.seats', 'account.name']),
  );
});

test('links are looked at on the public web alone', async () => {
  const links = [
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/',
    'https://2130706433/',
    'https://no-such-name.invalid/',
  ];
  const body = `<p>${[...links, 'https://x.example/{{ person.name }}'].map((url) => `<a href="${url}">a</a>`).join('')}</p>`;
  const id = await createMessage(csm, { name: 'Links', description: '', content: said({ body }) });
  const found = await linkReport(csm, id);
  expect(found.map(({ outcome }) => outcome)).toEqual([
    'notPublic',
    'notPublic',
    'notPublic',
    'notPublic',
    'unreachable',
    'personal',
  ]);
});
