import { MINUTE } from '../platform/clock.ts';

import { safeEmailHtml } from './email-html.ts';
import { linkedText, type TextSegment } from './linked-text.ts';
import { readPortalComment } from './portal-comments.ts';
import { type CaseStatus, statusFor } from './status.ts';
import { selectTimeline, type Standing, type TimelineRow } from './timeline.queries.ts';

interface Entry {
  id: string;
  at: Date;
  /** Who wrote or did it; missing where it is not told. */
  author: string | undefined;
  /** By someone of the customer's, rather than Support. */
  isCustomers: boolean;
  /** Salesforce does not have it yet. */
  isPending: boolean;
  /** Of what Salesforce does not have: how that is going. */
  standing: Standing | undefined;
}

/** Something in a case's history that customers may see. */
export type TimelineEntry = Entry &
  (
    | { kind: 'comment'; text: TextSegment[] }
    | { kind: 'email'; subject: string; text: TextSegment[]; html: string }
    | { kind: 'status'; status: CaseStatus; act: 'closed' | 'reopened' | undefined }
    | { kind: 'file'; name: string; size: number }
  );

/** What Salesforce recorded within this time of a delivered act is that act. */
const SAME_ACT = 2 * MINUTE;

/** A case's history as its customers read it, oldest first. */
export async function timelineOf(caseId: string): Promise<TimelineEntry[]> {
  const rows = await selectTimeline(caseId);
  const acts = rows.filter((row) => row.kind === 'act');
  return joined(rows).flatMap((row) => entryOf(row, acts));
}

function entryOf(row: TimelineRow, acts: TimelineRow[]): TimelineEntry[] {
  const entry = {
    id: row.id,
    at: row.at,
    author: row.author ?? undefined,
    isCustomers: row.isFromPortal,
    isPending: row.standing === 'pending' || row.standing === 'held',
    standing: row.standing ?? undefined,
  };
  switch (row.kind) {
    case 'comment':
      return [{ ...entry, kind: 'comment', text: linkedText(row.body) }];
    case 'email':
      return [{ ...entry, kind: 'email', subject: row.title, ...emailBody(row) }];
    case 'file':
      return [{ ...entry, kind: 'file', name: row.title, size: row.size ?? 0 }];
    case 'act':
      return [{ ...entry, kind: 'status', ...actOf(row) }];
    case 'status':
      return statusEntry(entry, row, acts);
  }
}

function actOf({ title }: TimelineRow): { status: CaseStatus; act: 'closed' | 'reopened' } {
  return title === 'closed' ? { status: 'closed', act: 'closed' } : { status: 'working', act: 'reopened' };
}

/** Changes between statuses that are one to customers stay internal; those that an act here caused are told once. */
function statusEntry(
  entry: Entry,
  { title: from, body: to, at }: TimelineRow,
  acts: TimelineRow[],
): TimelineEntry[] {
  if (to === '') return [];
  const status = statusFor(to);
  if (from !== '' && statusFor(from) === status) return [];
  const isOurs = acts.some(
    (act) =>
      (act.title === 'closed') === (status === 'closed') &&
      act.body !== '' &&
      Math.abs(new Date(act.body).getTime() - at.getTime()) < SAME_ACT,
  );
  return isOurs ? [] : [{ ...entry, kind: 'status', status, act: undefined }];
}

function emailBody({ body, html }: TimelineRow): { text: TextSegment[]; html: string } {
  const safe = html === null ? '' : safeEmailHtml(html);
  return { text: safe === '' ? linkedText(body) : [], html: safe };
}

/** The parts of a long reply as one entry again, without their headings. */
function joined(rows: TimelineRow[]): TimelineRow[] {
  const entries: TimelineRow[] = [];
  for (const row of rows) {
    const comment = row.kind === 'comment' && row.isFromPortal ? readPortalComment(row.body) : undefined;
    if (!comment) {
      entries.push(row);
      continue;
    }
    const before =
      comment.part > 1 ? entries.findLast((entry) => isReplyOf(entry, comment.author)) : undefined;
    if (before) {
      before.body = `${before.body}\n${comment.text}`;
      before.standing = worse(before.standing, row.standing);
    } else entries.push({ ...row, body: comment.text, author: comment.author });
  }
  return entries;
}

const worst = ['refused', 'held', 'pending'] as const;

/** A reply of several parts has arrived when all of them have. */
const worse = (one: Standing | null, other: Standing | null): Standing | null =>
  worst.find((standing) => standing === one || standing === other) ?? null;

const isReplyOf = (entry: TimelineRow, author: string) =>
  entry.kind === 'comment' && entry.isFromPortal && entry.author === author;
