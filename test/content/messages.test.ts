import { beforeAll, expect, test } from 'vitest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import {
  compileMessage,
  newestVersion,
  renderOne,
  valuesFor,
  type Hooks,
  type Target,
} from '../../src/content/content.ts';
import type { MessageContent, Variant } from '../../src/content/document.ts';
import { createMessage } from '../../src/content/messages.ts';
import { chosenVariant, messageLocale } from '../../src/content/planning.ts';
import { db, sql } from '../../src/platform/db.ts';
import { givenAccount, givenContact, givenUser } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';

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
  const compiled = compileMessage(await newestVersion(id));
  const { rows, failed } = await valuesFor(db, compiled, targets, { hooks });
  const mails = targets.map(({ n }) => {
    const row = rows.get(n);
    return row && renderOne(row.part, row.values);
  });
  return { mails, failed };
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
  const inLocale = (locale: Variant['locale']): Variant => ({ locale, variant: 0, subject: locale, preheader: '', body: '<p>x</p>' });
  const version = { content: said({}, { variants: [inLocale('en'), inLocale('es'), inLocale('en-GB')] }) };
  const { rows } = await sql<{ read: string; said: string }>`
    select read, ${messageLocale(version, sql`read`)} as said
    from unnest(array['es-419', 'es', 'en-AU', 'de', 'xx']) read`.execute(db);
  expect(Object.fromEntries(rows.map(({ read, said }) => [read, said]))).toEqual({
    'es-419': 'es', es: 'es', 'en-AU': 'en-GB', de: 'en', xx: 'en',
  }); // prettier-ignore
});
