import { randomBytes } from 'node:crypto';

import { fields, list } from './validate-values.ts';

import type { Db } from '../database.ts';

/* A request is kept as it came, once; each recipient is a lean row that names its place in it, so that a campaign costs little. */
export const mailTables = `
drop table if exists _mail, _mail_message;
create table if not exists _sendgrid_request (
  id integer generated always as identity primary key,
  message_id text not null unique,
  at timestamptz not null default now(),
  sender jsonb not null,
  body text not null,
  -- When all that became of its mails had been told, or nobody was to be told.
  told_at timestamptz
);
alter table _sendgrid_request alter column body set storage external;
create index if not exists _sendgrid_request_untold on _sendgrid_request (id) where told_at is null;
create table if not exists _sendgrid_mail (
  id bigint generated always as identity primary key,
  request integer not null,
  place integer not null,
  kind text not null check (kind in ('to', 'cc', 'bcc')),
  email text not null,
  name text,
  subject text not null
);
create index if not exists _sendgrid_mail_email on _sendgrid_mail (lower(email), id);
`;

/** One mail as its recipient's list shows it. */
export interface MailLine {
  id: number;
  messageId: string;
  at: string;
  kind: 'to' | 'cc' | 'bcc';
  email: string;
  name: string | null;
  subject: string;
  from: { email: string; name?: string };
}

/** One mail as its recipient reads it: substitutions made. */
export interface Mail extends MailLine {
  replyTo: { email: string; name?: string } | undefined;
  text: string | undefined;
  html: string | undefined;
  headers: Record<string, string>;
  customArgs: Record<string, string>;
  categories: string[];
  templateId: string | undefined;
  attachments: {
    filename: string;
    type: string;
    content: string;
    disposition: string;
    contentId: string | undefined;
  }[];
}

/** An accepted request: its own id, and what its sender knows it by. */
export interface Accepted {
  id: number;
  messageId: string;
}

/** Keeps an accepted request, and a mail for each of its recipients. `body` is the request as it came. */
export async function keepMail(
  db: Db,
  { body, request, isUntold }: { body: string; request: Record<string, unknown>; isUntold: boolean },
): Promise<Accepted> {
  const messageId = randomBytes(16).toString('base64url');
  const mails = mailsOf(request);
  const column = <Key extends keyof MailRow>(key: Key) => mails.map((mail) => mail[key]);
  const { rows } = await db.query({
    name: 'keep-mail',
    text: `with kept as (
        insert into _sendgrid_request (message_id, sender, body, told_at)
        values ($1, $2, $3, case when $4::boolean then null else now() end) returning id),
      mails as (
        insert into _sendgrid_mail (request, place, kind, email, name, subject)
        select kept.id, m.* from kept, unnest($5::int[], $6::text[], $7::text[], $8::text[], $9::text[]) m)
      select id from kept`,
    values: [
      messageId, json(request.from ?? {}), text(body), isUntold,
      column('place'), column('kind'), column('email'), column('name'), column('subject'),
    ], // prettier-ignore
  });
  return { id: (rows as { id: number }[])[0]?.id ?? 0, messageId };
}

/** JSON as jsonb can hold it, which a null character in a string would prevent. */
const json = (value: unknown): string =>
  JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd');

/** What PostgreSQL can keep as text. */
const text = (value: string): string => value.replaceAll('\0', '\ufffd').toWellFormed();

interface MailRow {
  place: number;
  kind: string;
  email: string;
  name: string | null;
  subject: string;
}

function mailsOf(request: Record<string, unknown>): MailRow[] {
  return list(request.personalizations)
    .map(fields)
    .flatMap((each, place) => {
      const subject = text(substitution(each)(textOf(each.subject) ?? textOf(request.subject) ?? ''));
      return kinds.flatMap((kind) =>
        list(each[kind])
          .map(fields)
          .map(({ email, name }) => ({
            place,
            kind,
            subject,
            email: text(String(email)),
            name: typeof name === 'string' ? text(name) : null,
          })),
      );
    });
}

const kinds = ['to', 'cc', 'bcc'];

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The parts of a request that is kept. */
export async function requestOf(db: Db, id: number): Promise<Record<string, unknown>> {
  const { rows } = await db.query('select body from _sendgrid_request where id = $1', [id]);
  return fields(JSON.parse((rows as { body: string }[])[0]?.body ?? '{}'));
}

/** Requests of the last day of which not all was told, the oldest first. */
export async function untoldRequests(db: Db): Promise<Accepted[]> {
  const { rows } = await db.query(
    `select id, message_id as "messageId" from _sendgrid_request where told_at is null and at > now() - interval '1 day' order by id`,
  );
  return rows as Accepted[];
}

export async function noteTold(db: Db, id: number): Promise<void> {
  await db.query('update _sendgrid_request set told_at = now() where id = $1', [id]);
}

/** Puts a recipient's values in place of the tags, as SendGrid's substitutions do. */
export function substitution(personalization: Record<string, unknown>): (text: string) => string {
  const pairs = Object.entries(fields(personalization.substitutions));
  return (text) => pairs.reduce((done, [tag, value]) => done.replaceAll(tag, String(value)), text);
}

const lineColumns = `m.id, r.message_id as "messageId", r.at, m.kind, m.email, m.name, m.subject, r.sender as "from"`;

/** The newest mails first. `to` is a whole address, `search` a part of address or subject, `before` an id. */
export async function mailLines(
  db: Db,
  filter: {
    to?: string | undefined;
    search?: string | undefined;
    before?: number | undefined;
    limit?: number | undefined;
  } = {},
): Promise<MailLine[]> {
  const { rows } = await db.query(
    `with found as (
       select * from _sendgrid_mail m
       where ($1::text is null or lower(m.email) = lower($1))
         and ($2::text is null or strpos(lower(m.email || ' ' || m.subject), lower($2)) > 0)
         and ($3::bigint is null or m.id < $3)
       order by m.id desc limit $4)
     select ${lineColumns} from found m join _sendgrid_request r on r.id = m.request order by m.id desc`,
    [filter.to ?? null, filter.search ?? null, filter.before ?? null, Math.min(filter.limit ?? 50, 500)],
  );
  return rows as MailLine[];
}

/** How many mails there are. */
export async function countMails(db: Db): Promise<number> {
  const { rows } = await db.query('select count(*) from _sendgrid_mail');
  return Number((rows as { count: unknown }[])[0]?.count ?? 0);
}

/** One mail; undefined when there is none of that id. */
export async function maybeMail(db: Db, id: number): Promise<Mail | undefined> {
  const { rows } = await db.query(
    `select ${lineColumns}, m.place, r.body from _sendgrid_mail m join _sendgrid_request r on r.id = m.request where m.id = $1`,
    [id],
  );
  const row = (rows as (MailLine & { place: number; body: string })[])[0];
  return row && merged(row);
}

function merged({ place, body, ...line }: MailLine & { place: number; body: string }): Mail {
  const payload = fields(JSON.parse(body));
  const personalization = fields(list(payload.personalizations)[place]);
  const substitute = substitution(personalization);
  const content = (type: string) => {
    const block = list(payload.content)
      .map(fields)
      .find((each) => each.type === type);
    return block === undefined ? undefined : substitute(String(block.value));
  };
  return {
    ...line,
    replyTo: payload.reply_to as Mail['replyTo'],
    text: content('text/plain'),
    html: content('text/html'),
    headers: { ...fields(payload.headers), ...fields(personalization.headers) } as Record<string, string>,
    customArgs: { ...fields(payload.custom_args), ...fields(personalization.custom_args) } as Record<
      string,
      string
    >,
    categories: list(payload.categories) as string[],
    templateId: payload.template_id as string | undefined,
    attachments: list(payload.attachments).map(fields).map(attachment),
  };
}

const attachment = (given: Record<string, unknown>): Mail['attachments'][number] => ({
  filename: String(given.filename),
  type: typeof given.type === 'string' ? given.type : 'application/octet-stream',
  content: String(given.content),
  disposition: typeof given.disposition === 'string' ? given.disposition : 'attachment',
  contentId: typeof given.content_id === 'string' ? given.content_id : undefined,
});
