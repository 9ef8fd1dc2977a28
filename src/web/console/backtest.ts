import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import { csvStream } from '../../platform/csv.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import {
  backtests,
  backtestSeenBy,
  mayBacktest,
  resumeBacktest,
  type SideToTry,
  sidesToTry,
  startBacktest,
} from '../../reports/backtest.ts';
import { notices, steps, warnings } from '../../reports/backtest-choices.ts';
import { figuresOf } from '../../reports/backtest-figures.ts';
import { writerOf } from '../charts/figures.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { calibrationChart, measuresOf } from './backtest-result.ts';

/* Whether health foretold what became of renewals (D4). */

const page = '/console/backtest';
const one = { id: 'staff-thing' } as const;
const mine = only('csm', 'admin');
const t = translator('en', 'console');

export const backtestRoutes: Route[] = [
  route('get', page, staff(), showBacktests),
  route('post', `${page}/runs`, mine(), submitting(start, showBacktests)),
  route('get', `${page}/:id`, staff(one), showBacktest),
  route('get', `${page}/:id/figures`, staff(one), downloadFigures),
  route('post', `${page}/:id/resumptions`, mine(one), resume),
];

async function showBacktests(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [runs, sides] = await Promise.all([backtests(viewer), sidesToTry()]);
  res.render('console/backtest/index', {
    runs,
    sides: sides.map((side) => ({ value: side.key, label: nameOf(side) })),
    steps,
    notices,
    warnings,
    mayAct: mayBacktest(viewer),
  });
}

/** What a way to judge is called, in the form and in the result. */
function nameOf({ profile, version }: SideToTry): string {
  if (profile === undefined) return t('backtest.inForce');
  if (version === undefined) return t('backtest.alone', { name: profile.name });
  return t('backtest.asItWas', { name: profile.name, version: version.version });
}

const Form = z.object({
  first: z.string().max(60),
  second: z.string().max(60).default(''),
  step: z.enum(steps),
  notice: z.enum(notices),
  warning: z.enum(warnings),
});

async function start(req: Request, res: Response): Promise<void> {
  const { first, second, ...choices } = parse(Form, req.body);
  const id = await startBacktest(staffViewerOf(req), { first, second, choices }, nameOf);
  flash(res, 'backtest.started');
  res.redirect(303, `${page}/${id}`);
}

async function showBacktest(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const run = await backtestSeenBy(viewer, uuidOf(req.params.id));
  const { result } = run;
  res.render('console/backtest/show', {
    run,
    isOpen: run.state === 'waiting' || run.state === 'running',
    measures: result === null ? [] : measuresOf(result),
    chart: result === null ? undefined : calibrationChart(result, t),
    whole: writerOf('money').full,
    mayAct: mayBacktest(viewer),
  });
}

async function resume(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await resumeBacktest(staffViewerOf(req), id);
  flash(res, 'backtest.resumed');
  res.redirect(303, `${page}/${id}`);
}

/** Every outcome, with how each side had judged the account before it. */
async function downloadFigures(req: Request, res: Response): Promise<void> {
  const run = await backtestSeenBy(staffViewerOf(req), uuidOf(req.params.id));
  const word = (name: string) => t(`backtest.columns.${name}`);
  const common = ['account', 'accountId', 'dueOn', 'outcome', 'value'].map((key) => ({
    key,
    header: word(key),
  }));
  const own = run.sides.flatMap(({ name }, side) =>
    ['judgedOn', 'rank', 'score', 'warned', 'leadDays'].map((key) => ({
      key: `${key}${String(side)}`,
      header: run.sides.length === 1 ? word(key) : `${word(key)} (${name})`,
    })),
  );
  const rows = await figuresOf(run, {
    kept: t('backtest.kept'),
    lost: t('backtest.lost'),
    yes: t('backtest.yes'),
    no: t('backtest.no'),
  });
  res.attachment(`backtest-${run.today}.csv`).type('text/csv; charset=utf-8');
  await pipeline(Readable.from(rows), csvStream([...common, ...own]), res);
}
