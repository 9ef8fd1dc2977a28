import { randomBytes } from 'node:crypto';

import { fields, list } from './validate.ts';

import type { Db } from '../database.ts';

export const mailTables = `
create table if not exists _mail_message (
  id text primary key,
  at timestamptz not null default now(),
  payload jsonb not null
);
create table if not exists _mail (
  id bigint generated always as identity primary key,
  message_id text not null references _mail_message on delete cascade,
  at timestamptz not null default now(),
  kind text not null check (kind in ('to', 'cc', 'bcc')),
  email text not null,
  name text,
  subject text not null,
  personalization jsonb not null
);
create index if not exists _mail_email on _mail (lower(email), id);
create index if not exists _mail_message_id on _mail (message_id);
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

/** Keeps an accepted request: one message, one mail for each recipient. Returns SendGrid's message id. */
export async function keepMail(db: Db, request: Record<string, unknown>): Promise<string> {
  const { personalizations, ...payload } = request;
  const messageId = randomBytes(16).toString('base64url');
  const recipients = list(personalizations)
    .map(fields)
    .flatMap((each) => recipientsOf(each, payload));
  await db.query(
    `with message as (insert into _mail_message (id, payload) values ($1, $2) returning id)
     insert into _mail (message_id, kind, email, name, subject, personalization)
     select message.id, kind, email, name, subject, personalization
     from message, jsonb_to_recordset($3::jsonb) as r(kind text, email text, name text, subject text, personalization jsonb)`,
    [messageId, json(payload), json(recipients)],
  );
  return messageId;
}

/** JSON as jsonb can hold it, which a null character in a string would prevent. */
const json = (value: unknown): string =>
  JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd');

function recipientsOf(personalization: Record<string, unknown>, payload: Record<string, unknown>): unknown[] {
  const substitute = substitution(personalization);
  const subject = substitute(textOf(personalization.subject) ?? textOf(payload.subject) ?? '');
  const own = Object.fromEntries(Object.entries(personalization).filter(([name]) => !kinds.includes(name)));
  return kinds.flatMap((kind) =>
    list(personalization[kind]).map((each) => ({ ...fields(each), kind, subject, personalization: own })),
  );
}

const kinds = ['to', 'cc', 'bcc'];

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Puts a recipient's values in place of the tags, as SendGrid's substitutions do. */
function substitution(personalization: Record<string, unknown>): (text: string) => string {
  const pairs = Object.entries(fields(personalization.substitutions));
  return (text) => pairs.reduce((done, [tag, value]) => done.replaceAll(tag, String(value)), text);
}

const lineColumns = `m.id, m.message_id as "messageId", m.at, m.kind, m.email, m.name, m.subject, s.payload -> 'from' as "from"`;

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
    `select ${lineColumns} from _mail m join _mail_message s on s.id = m.message_id
     where ($1::text is null or lower(m.email) = lower($1))
       and ($2::text is null or strpos(lower(m.email || ' ' || m.subject), lower($2)) > 0)
       and ($3::bigint is null or m.id < $3)
     order by m.id desc limit $4`,
    [filter.to ?? null, filter.search ?? null, filter.before ?? null, Math.min(filter.limit ?? 50, 500)],
  );
  return rows as MailLine[];
}

/** One mail; undefined when there is none of that id. */
export async function maybeMail(db: Db, id: number): Promise<Mail | undefined> {
  const { rows } = await db.query(
    `select ${lineColumns}, m.personalization, s.payload
     from _mail m join _mail_message s on s.id = m.message_id where m.id = $1`,
    [id],
  );
  const row = (
    rows as (MailLine & { personalization: Record<string, unknown>; payload: Record<string, unknown> })[]
  )[0];
  return row && merged(row);
}

function merged({
  personalization,
  payload,
  ...line
}: MailLine & Record<'personalization' | 'payload', Record<string, unknown>>): Mail {
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
