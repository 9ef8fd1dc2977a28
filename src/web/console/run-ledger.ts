import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import { skipReasons } from '../../campaigns/audience/eligibility.ts';
import { cohortNames, MOST_COHORTS } from '../../campaigns/definition/rollout.ts';
import {
  type Delivery, DELIVERIES_A_PAGE, deliveryStates, everyDelivery, type LedgerFilter, ledgerOf,
} from '../../campaigns/runs/ledger.ts'; // prettier-ignore
import { flagOf } from '../../campaigns/outcomes/outcomes.ts';
import { runSeenBy } from '../../campaigns/runs/runs.ts';
import { csvStream } from '../../platform/csv.ts';
import { pageNumber, searchText } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { outcomeNames, outcomesOf } from './run-outcomes.ts';
import { headOf, runIdOf } from './run-page.ts';

const page = '/console/runs';
const aRun = { id: 'staff-thing' } as const;
const t = translator('en', 'console');

/** The ledger of a run: what became of each person, to look through and as CSV. */
export const runLedgerRoutes: Route[] = [
  route('get', `${page}/:id/ledger`, staff(aRun), showLedger),
  route('get', `${page}/:id/ledger.csv`, staff(aRun), downloadLedger),
];

const LedgerQuery = z.object({
  q: searchText,
  state: z.enum(deliveryStates).optional().catch(undefined),
  reason: z.string().regex(/^[\w.:-]{1,80}$/).optional().catch(undefined),
  outcome: z.enum(outcomeNames).optional().catch(undefined),
  batch: z.coerce.number().int().min(0).max(2_147_483_647).optional().catch(undefined),
  cohort: z.coerce.number().int().min(1).max(MOST_COHORTS + 1).optional().catch(undefined),
  page: pageNumber,
}); // prettier-ignore

const filterOf = ({ q, state, reason, outcome, batch, cohort }: z.infer<typeof LedgerQuery>): LedgerFilter => ({
  search: q, state, reason, batch, cohort, flag: outcome && flagOf(outcome),
}); // prettier-ignore

async function showLedger(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = LedgerQuery.parse(req.query);
  const run = await runSeenBy(viewer, runIdOf(req.params.id));
  const { deliveries, total } = await ledgerOf(viewer, run.id, filterOf(asked), asked.page);
  const reasons = [...new Set([...Object.keys(run.skippedBy), ...Object.keys(run.failedBy)])];
  res.render('console/runs/ledger', {
    ...headOf(req, run), asked, total, states: deliveryStates, outcomes: outcomeNames, deliveries: deliveries.map(outcomesOf),
    reasons: reasons.length > 0 ? reasons : skipReasons, pages: Math.max(1, Math.ceil(total / DELIVERIES_A_PAGE)),
    cohorts: cohortNames(run.fixed.policy.rollout ?? { cohorts: [], rest: '' }),
    query: new URLSearchParams(req.originalUrl.split('?')[1] ?? '').toString(),
    isFiltered: [asked.q || undefined, asked.state, asked.reason, asked.outcome, asked.batch, asked.cohort].some((one) => one !== undefined),
  }); // prettier-ignore
}

const columns = [
  'n', 'personId', 'person', 'accountId', 'account', 'address', 'locale', 'variant', 'batch', 'cohort', 'rowState', 'reason', 'outcome', 'settledAt',
] as const; // prettier-ignore

async function downloadLedger(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id } = await runSeenBy(viewer, runIdOf(req.params.id));
  const rows = everyDelivery(viewer, id, filterOf(LedgerQuery.parse(req.query)));
  res.attachment(`run-${String(id)}.csv`).type('text/csv; charset=utf-8');
  const head = columns.map((key) => ({ key, header: t(`runs.${key}`) }));
  await pipeline(Readable.from(mapped(rows)), csvStream(head), res);
}

async function* mapped(
  rows: AsyncIterable<Delivery>,
): AsyncGenerator<Record<(typeof columns)[number], unknown>> {
  for await (const row of rows) {
    const {
      n,
      personId,
      personName,
      accountId,
      accountName,
      address,
      locale,
      variant,
      batch,
      cohort,
      state,
      reason,
      settledAt,
    } = row;
    yield {
      n, personId, person: personName, accountId, account: accountName, address, locale, variant, batch, cohort, rowState: state, reason,
      outcome: outcomesOf(row).outcomes.join(' '), settledAt,
    }; // prettier-ignore
  }
}
