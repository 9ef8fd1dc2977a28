import { Conflict, Forbidden } from '../../platform/errors.ts';

/*
 * Nothing is sent that a second person has not approved (A10): the same for campaigns and for tracks, whatever it is that they approve.
 */

/** Who asked for an approval, and what became of it; null while nobody has decided. */
export interface Requested {
  id: number;
  requestedBy: string;
  requestedByName: string | null;
  requestedAt: Date;
  decidedBy: string | null;
  decidedByName: string | null;
  decidedAt: Date | null;
  decision: 'approved' | 'rejected' | 'withdrawn' | null;
  comment: string;
}

/** What an approver says of a request. */
export interface Verdict {
  approvalId: number;
  decision: 'approved' | 'rejected';
  comment: string;
}

/**
 * @param open the request that waits, if any does, and whether it is of what is there now
 * @throws Conflict when another is decided, or what was to be approved has changed; Forbidden for whoever asked for it
 */
export function mustBeDecidedBy(
  personId: string,
  { approvalId }: Verdict,
  open: (Pick<Requested, 'id' | 'requestedBy'> & { isCurrent: boolean }) | undefined,
): void {
  if (open?.id !== approvalId || !open.isCurrent) throw new Conflict('the request is not open any more');
  if (open.requestedBy === personId) throw new Forbidden();
}
