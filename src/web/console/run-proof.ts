import type { Request, Response } from 'express';

import { deliveryStates } from '../../campaigns/runs/ledger.ts';
import { type Proof, proofOf } from '../../campaigns/runs/proof.ts';
import { runSeenBy } from '../../campaigns/runs/runs.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { headOf, runIdOf } from './run-page.ts';

/** The proof of a run: plan = sent + skipped + failed + in doubt, against what the provider told, under the seals of audience and ledger. */
export const runProofRoutes: Route[] = [
  route('get', '/console/runs/:id/proof', staff({ id: 'staff-thing' }), showProof),
];

async function showProof(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const run = await runSeenBy(viewer, runIdOf(req.params.id));
  const proof = await proofOf(viewer, run.id);
  res.render('console/runs/proof', {
    ...headOf(req, run), proof, verdict: verdictOf(proof),
    states: deliveryStates.map((name) => ({ name, count: proof[name] })),
    sum: deliveryStates.reduce((sum, name) => sum + proof[name], 0),
    events: Object.entries(proof.events).map(([name, count]) => ({ name, count })),
  }); // prettier-ignore
}

function verdictOf({ problems, ledgerHash }: Proof): { word: string; tone: string } {
  if (problems.length > 0) return { word: 'broken', tone: 'danger' };
  return ledgerHash === null ? { word: 'open', tone: 'info' } : { word: 'proved', tone: 'success' };
}
