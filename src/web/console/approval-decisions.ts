import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import type { Verdict } from '../../campaigns/definition/decisions.ts';
import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { staffViewerOf } from '../guards.ts';

const Decision = z.object({
  approvalId: z.coerce.number().int().positive(),
  decision: z.enum(['approved', 'rejected']),
  comment: z.string().trim().max(1000).default(''),
});

interface Approving {
  /** Where campaigns, or tracks, are; and the words that tell of their approvals. */
  page: string;
  words: string;
  decide: (viewer: StaffViewer, id: string, verdict: Verdict) => Promise<void>;
  show: (req: Request, res: Response) => Promise<void>;
}

/** An approver's decision, taken from the form that `show` renders: whoever rejects says why. */
export const deciding = ({ page, words, decide, show }: Approving): RequestHandler =>
  submitting(async (req, res) => {
    const id = uuidOf(req.params.id);
    const verdict = parse(Decision, req.body);
    if (verdict.decision === 'rejected' && verdict.comment === '')
      throw new Invalid({ comment: 'campaigns.approval.commentMissing' });
    await decide(staffViewerOf(req), id, verdict);
    flash(res, `${words}.${verdict.decision}`);
    res.redirect(303, `${page}/${id}`);
  }, show);
