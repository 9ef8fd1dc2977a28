/**
 * Where a case stands, in the customer's terms. Support's own statuses (Escalated, On Hold, any that an org adds) are
 * internal: customers read the one of these that it comes to.
 */
export const caseStatuses = ['received', 'working', 'waiting', 'closed'] as const;
export type CaseStatus = (typeof caseStatuses)[number];

export const casePriorities = ['high', 'medium', 'low'] as const;
export type CasePriority = (typeof casePriorities)[number];

/** Priorities that count as urgent, in the words of Salesforce's picklist. */
export const urgentPriorities = ['High', 'Urgent', 'Critical'] as const;

/** Salesforce's statuses, in lower case, that say more than "someone is working on it". */
export const receivedStatuses = ['new', 'open', 'received'];
export const waitingStatuses = [
  'waiting on customer', 'waiting for customer', 'awaiting customer', 'pending customer', 'customer action required',
]; // prettier-ignore
const closedStatuses = /^(closed|resolved|solved)\b/;

/** What Salesforce calls the statuses that customers bring about. */
export const NEW_STATUS = 'New';
export const CLOSED_STATUS = 'Closed';
export const REOPENED_STATUS = 'Working';

/** A status of Salesforce in the customer's terms; `isClosed` decides where it is known. */
export function statusFor(status: string, isClosed = closedStatuses.test(status.toLowerCase())): CaseStatus {
  if (isClosed) return 'closed';
  const name = status.trim().toLowerCase();
  if (receivedStatuses.includes(name)) return 'received';
  return waitingStatuses.includes(name) ? 'waiting' : 'working';
}

/** A priority of Salesforce in the customer's terms; those that an org adds are not shown. */
export function priorityFor(priority: string | null): CasePriority | undefined {
  const name = priority?.trim().toLowerCase();
  return casePriorities.find((known) => known === name);
}
