import './events.ts';
import './tables.ts';

import { viewerOf } from '../access/people.ts';
import type { AccountViewer, Viewer } from '../access/viewer.ts';
import { countOne } from '../identity/limits.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Invalid, NotFound } from '../platform/errors.ts';
import { record } from '../platform/events.ts';

import { actorOf } from './actor.ts';
import { linkedText, type TextSegment } from './linked-text.ts';
import * as queries from './queries.ts';
import { type CasePriority, type CaseStatus, priorityFor, statusFor } from './status.ts';
import { type TimelineEntry, timelineOf } from './timeline.ts';
import { lineFrom, textFrom } from './typed-text.ts';
import { attachTo } from './uploads.ts';
import { writeCase } from './writes.ts';

export interface CaseSearch {
  /** Looked for in number, subject, description and published comments. */
  text: string;
  status: CaseStatus | 'open' | 'any';
  priority: CasePriority | 'any';
  /** Only the cases of the viewer's own contact. */
  mine: boolean;
  sort: 'updated' | 'opened' | 'subject' | 'status' | 'priority';
  descending: boolean;
  /** From 1. */
  page: number;
  /** Cases a page. */
  size: number;
}

/** A case as its customer sees it: these fields and no others leave the house (C5). */
export interface CaseLine {
  id: string;
  /** Missing until Salesforce has the case. */
  number: string | undefined;
  subject: string;
  status: CaseStatus;
  priority: CasePriority | undefined;
  openedAt: Date;
  /** When something that customers can see last happened. */
  updatedAt: Date;
  /** The contact whose case it is. */
  contactName: string | undefined;
  isMine: boolean;
  /** Salesforce does not have it yet. */
  isPending: boolean;
  /** Why it does not: staff are looking at it, or it was not to be. */
  refusal: 'held' | 'refused' | undefined;
}

export interface CaseSeen extends CaseLine {
  description: TextSegment[];
  productName: string | undefined;
  timeline: TimelineEntry[];
}

export interface CasePage {
  cases: CaseLine[];
  /** How many match, on all pages. */
  total: number;
  page: number;
}

export interface NewCase {
  /** Made with the form, so that a form sent twice opens one case. */
  id: string;
  subject: string;
  description: string;
  priority: CasePriority;
  productId?: string | undefined;
}

/** One page of the viewer's cases (SP6); the first where one beyond the last is asked for. */
export async function casesSeenBy(viewer: Viewer, search: CaseSearch): Promise<CasePage> {
  const { rows, total } = await queries.selectCases(viewer, search);
  if (rows.length === 0 && search.page > 1) return await casesSeenBy(viewer, { ...search, page: 1 });
  return { cases: rows.map((row) => lineOf(row, viewer)), total, page: search.page };
}

/** A case with its whole history, oldest first (SP9). @throws NotFound for what is not the viewer's, or is not at all */
export async function caseSeenBy(viewer: Viewer, id: string): Promise<CaseSeen> {
  const row = await queries.selectCase(viewer, id);
  if (!row) throw new NotFound();
  return {
    ...lineOf(row, viewer),
    description: linkedText(row.description),
    productName: row.productName ?? undefined,
    timeline: await timelineOf(id),
  };
}

/**
 * Another of the viewer's accounts in which they may see this case: a mail's link finds them acting for whichever they chose last.
 * @throws NotFound when there is none
 */
export async function accountWithCase(
  viewer: AccountViewer,
  isStrong: boolean,
  id: string,
): Promise<{ id: string; name: string }> {
  const others = viewer.accounts.map((account) => account.id).filter((other) => other !== viewer.accountId);
  const accountId = others.length === 0 ? undefined : await queries.selectAccountOfCase(id, others);
  if (accountId === undefined) throw new NotFound();
  const there = await viewerOf({ personId: viewer.personId, isStrong, accountId });
  if (!('accountId' in there) || there.accountId !== accountId || !(await queries.selectCase(there, id)))
    throw new NotFound();
  return { id: accountId, name: there.accountName };
}

/** What the viewer's new case may be about: the products that their account has. */
export async function productsFor(viewer: Viewer): Promise<{ id: string; name: string }[]> {
  return await queries.selectProducts(actorOf(viewer));
}

/**
 * Opens a case for the viewer's account with the files handed in for it (SP7): kept at once, in Salesforce as soon as it
 * answers. @returns its id. @throws Invalid, TooMany
 */
export async function openCase(
  viewer: Viewer,
  typed: NewCase,
  uploadIds: readonly string[] = [],
): Promise<string> {
  const actor = actorOf(viewer);
  const opened = validCase(typed);
  await mustHaveProduct(viewer, opened.productId);
  await countOne('cases', actor.personId);
  const at = now();
  await transaction(async (tx) => {
    if (!(await queries.insertCase(tx, actor, { ...opened, at }))) return;
    const { id: caseId } = opened;
    await writeCase(tx, actor, opened);
    await attachTo(tx, actor, { caseId, caseSalesforceId: null, formId: caseId, uploadIds, at });
    await record(tx, 'case.opened', { caseId, accountId: actor.accountId });
  });
  if (!(await queries.selectCase(viewer, opened.id))) throw new NotFound();
  return opened.id;
}

/** What was typed, as it can be taken. @throws Invalid */
export function validCase(typed: NewCase): NewCase {
  const opened = { ...typed, subject: lineFrom(typed.subject), description: textFrom(typed.description) };
  const wrong: Record<string, string> = {};
  if (opened.subject === '') wrong.subject = 'cases.errors.subjectMissing';
  if (opened.subject.length > 255) wrong.subject = 'cases.errors.subjectLong';
  if (opened.description === '') wrong.description = 'cases.errors.descriptionMissing';
  if (opened.description.length > 32_000) wrong.description = 'cases.errors.descriptionLong';
  if (Object.keys(wrong).length > 0) throw new Invalid(wrong);
  return opened;
}

async function mustHaveProduct(viewer: Viewer, productId: string | undefined): Promise<void> {
  if (productId === undefined) return;
  const products = await productsFor(viewer);
  if (!products.some((product) => product.id === productId))
    throw new Invalid({ product: 'cases.errors.productUnknown' });
}

function lineOf(row: queries.CaseRow, viewer: Viewer): CaseLine {
  return {
    id: row.id,
    number: row.number ?? undefined,
    subject: row.subject,
    status: statusFor(row.status, row.isClosed),
    priority: priorityFor(row.priority),
    openedAt: row.createdAt,
    updatedAt: row.updatedAt,
    contactName: row.contactName ?? undefined,
    isMine: 'contactId' in viewer && row.contactId === viewer.contactId,
    isPending: row.salesforceId === null && row.refusal !== 'refused',
    refusal: row.refusal ?? undefined,
  };
}
