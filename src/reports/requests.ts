import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';
import { sendMail } from '../platform/mail.ts';

import * as queries from './requests.queries.ts';

/** A report that somebody would like to have (RP6). */
export interface ReportRequest {
  id: string;
  /** The report they looked at. */
  report: string | null;
  question: string;
  askedBy: string | null;
  askedAt: Date;
  answer: string;
  settledBy: string | null;
  settledAt: Date | null;
}

const page = '/console/reports/requests';

/** Whether the viewer may answer requests, and so sees everybody's. */
export const maySettle = (viewer: StaffViewer): boolean => hasRole(viewer, 'admin');

/** Keeps what somebody asks for, and tells the administrators by mail. */
export async function requestReport(
  viewer: StaffViewer,
  { question, report }: { question: string; report: string | undefined },
): Promise<void> {
  await transaction(async (tx) => {
    await queries.insertRequest(tx, { personId: viewer.personId, question, report, at: now() });
    for (const personId of await queries.selectAdmins(tx))
      await sendMail(tx, {
        to: { personId },
        template: 'report-requested',
        data: { person: viewer.name, quote: question, path: page },
      });
  });
}

/** The requests that the viewer may see, those without an answer first: an administrator everybody's, others their own. */
export async function reportRequests(viewer: StaffViewer): Promise<ReportRequest[]> {
  return await queries.selectRequests(maySettle(viewer) ? undefined : viewer.personId);
}

/** How many requests wait for the viewer's answer: none for those who do not answer. */
export async function requestsWaiting(viewer: StaffViewer): Promise<number> {
  return maySettle(viewer) ? await queries.countWaiting() : 0;
}

/** @throws Forbidden, NotFound when the viewer may not answer, or there is no such request */
export async function requireRequest(viewer: StaffViewer, id: string): Promise<void> {
  if (!maySettle(viewer)) throw new Forbidden();
  if (!(await queries.hasRequest(id))) throw new NotFound();
}

/** Answers a request, and tells by mail whoever asked. Answering again replaces the answer. @throws Forbidden, NotFound */
export async function settleRequest(viewer: StaffViewer, id: string, answer: string): Promise<void> {
  if (!maySettle(viewer)) throw new Forbidden();
  await transaction(async (tx) => {
    const settled = await queries.updateAnswer(tx, { id, answer, by: viewer.personId, at: now() });
    if (settled === undefined) throw new NotFound();
    if (settled.personId !== null && settled.personId !== viewer.personId)
      await sendMail(tx, {
        to: { personId: settled.personId },
        template: 'report-answered',
        data: { quote: answer, path: page },
      });
  });
}
