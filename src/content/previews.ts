import { forStaff, type Viewer } from '../access/viewer.ts';
import { db, sql } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';

import { build } from './build.ts';
import { compile, partOf } from './compiled.ts';
import { type Problem, renderOne } from './content.ts';
import type { MessageContent } from './document.ts';
import { mergeAll } from './values.ts';
import { now } from '../platform/clock.ts';

/** What somebody writes, as a person would get it, without anything being saved. */
export interface ContentPreview {
  subject: string;
  html: string;
  text: string;
  /** For whom; undefined when there is nobody yet. */
  person: { id: number; name: string } | undefined;
  problems: readonly Problem[];
  /** Why it cannot be made for this person: words `campaigns.reasons.<failure>`. */
  failure?: string;
}

interface Wanted {
  locale: string;
  variant: number;
  /** account_people.id; without one, somebody is taken. */
  personId?: number;
}

const hooks = {
  link: (_n: number, { url }: { url: string }) => url,
  unsubscribe: () => '#unsubscribe',
  preferences: () => '#preferences',
};

/** Shows staff what they write. @throws NotFound for a person whom there is not, and for everybody who is not staff */
export async function previewContent(
  viewer: Viewer,
  content: MessageContent,
  wanted: Wanted,
): Promise<ContentPreview> {
  const person = await somebody(viewer, wanted.personId);
  const { built, problems } = await build(content);
  const compiled = compile({ messageId: '', version: 0, name: '', content, built, problems });
  const part = partOf(compiled, wanted.locale, wanted.variant);
  const target = { n: 0, personId: person?.id ?? 0, locale: wanted.locale, variant: wanted.variant };
  const { rows, failed } = await mergeAll(db, compiled, [target], { asOf: now(), hooks });
  const failure = person === undefined ? undefined : failed.get(0)?.reason;
  const shown = renderOne(part, rows.get(0)?.values ?? {});
  return {
    ...shown,
    person: person && { id: person.id, name: person.name },
    problems,
    ...(failure !== undefined && { failure }),
  };
}

/** Whose values a preview shows: theirs, or those of anybody who can be written to. @throws NotFound */
export async function somebody(viewer: Viewer, personId: number | undefined) {
  const { rows } = await sql<{ id: number; name: string; accountId: string }>`
    select p.id, p.name, p.account_id as "accountId" from account_people p join accounts a on a.id = p.account_id
    where ${forStaff(viewer)} and a.deleted_at is null and ${personId === undefined ? sql`p.email_normalized is not null` : sql`p.id = ${personId}`}
    order by p.id limit 1`.execute(db);
  if (rows[0] === undefined && (personId !== undefined || viewer.kind !== 'staff')) throw new NotFound();
  return rows[0];
}
