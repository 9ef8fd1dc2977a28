import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import { MINUTE, now } from '../../platform/clock.ts';
import { csvStream } from '../../platform/csv.ts';
import { NotFound } from '../../platform/errors.ts';
import { keeping } from '../../platform/kept.ts';
import { translator } from '../../platform/words.ts';
import { maybeReport, reports } from '../../reports/catalog.ts';
import {
  type Asked,
  categories,
  type Column,
  type Report,
  type Row,
  type Section,
  segmentings,
  spans,
} from '../../reports/report.ts';
import { requestsWaiting } from '../../reports/requests.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { chartOf } from './report-charts.ts';
import { cellsOf, headOf, isNumeric, type Speech, textOf } from './report-sections.ts';

/* Reports (RP1 to RP7, AN2, AN5): an index by category, and a page each with what it means, a chart and its figures. */

const t = translator('en', 'console');
const name = { name: 'staff-thing' } as const;

export const reportRoutes: Route[] = [
  route('get', '/console/reports', staff(), async (req, res) => {
    res.render('console/reports/index', {
      waiting: await requestsWaiting(staffViewerOf(req)),
      categories: categories.map((category) => ({
        category,
        reports: reports.filter((report) => report.category === category),
      })),
    });
  }),
  route('get', '/console/reports/:name', staff(name), showReport),
  route('get', '/console/reports/:name/figures', staff(name), downloadFigures),
];

/** A page shows so many rows of a list; the download has all there may be. */
const [SHOWN, ALL] = [100, 200_000];

const Query = z.object({
  span: z.enum(spans).optional().catch(undefined),
  by: z.enum(segmentings).optional().catch(undefined),
  section: z.string().max(40).optional().catch(undefined),
});

function reportOf(req: Request): Report {
  const report = maybeReport(String(req.params.name));
  if (report === undefined) throw new NotFound();
  return report;
}

function askedOf(req: Request, report: Report, limit: number): Asked {
  const { span, by } = Query.parse(req.query);
  return {
    span: report.spans.find((one) => one === span) ?? report.spans[0] ?? '30d',
    by: report.segmentings.find((one) => one === by) ?? report.byDefault,
    today: now().toISOString().slice(0, 10),
    limit,
  };
}

async function showReport(req: Request, res: Response): Promise<void> {
  const report = reportOf(req);
  const asked = askedOf(req, report, SHOWN);
  const { sections, at } = await sectionsOf(req, report, asked);
  const speech = { t, report, by: asked.by };
  res.render('console/reports/show', {
    report,
    asked,
    at,
    sections: sections.map((section) => shown(section, speech)),
    shownRows: SHOWN,
  });
}

/*
 * A report reads the whole base, and is the same for all of the staff: it is worked out once a minute at most, a costly one (a year of
 * everybody's use) so seldom that it takes a two-hundredth of the time. Its page says as of when it is.
 */
const kept = keeping<{ sections: Section[]; at: Date }>({ milliseconds: MINUTE, times: 200, most: 100 });

async function sectionsOf(req: Request, report: Report, asked: Asked) {
  const viewer = staffViewerOf(req);
  const key = `${viewer.kind} ${report.name} ${JSON.stringify(asked)}`;
  return await kept({ key, version: '' }, async () => {
    const at = now();
    return { sections: await report.ask(viewer, asked), at };
  });
}

/** The title of a section: its own in this report, or none where it is the only one. */
function shown(section: Section, speech: Speech) {
  const isOverTime = section.columns[0]?.kind === 'month' || section.columns[0]?.kind === 'date';
  const rows = isOverTime ? section.rows.toReversed() : section.rows;
  return {
    name: section.name,
    heads: section.columns.map((column) => ({ text: headOf(column, speech), isNumber: isNumeric(column) })),
    cells: cellsOf({ columns: section.columns, rows }, speech),
    drawn: chartOf(section, speech),
    /** Charts of parts are tables themselves: the other one is folded. */
    isTold: section.plan?.form === 'stacked-rows' || section.plan?.form === 'whole-rows',
  };
}

/** A section as a file: what a spreadsheet can reckon with, money in whole units. */
async function downloadFigures(req: Request, res: Response): Promise<void> {
  const report = reportOf(req);
  const asked = askedOf(req, report, ALL);
  const sections = await report.ask(staffViewerOf(req), asked);
  const wanted = Query.parse(req.query).section;
  const section = sections.find((one) => one.name === wanted) ?? sections[0];
  if (section === undefined) throw new NotFound();
  const speech = { t, report, by: asked.by };
  const heads = section.columns.map((column) => ({ key: column.name, header: headOf(column, speech) }));
  res.attachment(`${report.name}-${section.name}-${asked.today}.csv`).type('text/csv; charset=utf-8');
  await pipeline(
    Readable.from(section.rows.map((row) => line(section.columns, row, speech))),
    csvStream(heads),
    res,
  );
}

const line = (columns: readonly Column[], row: Row, speech: Speech): Record<string, string | number> =>
  Object.fromEntries(columns.map((column) => [column.name, plain(column, row, speech)]));

const asWords = new Set<Column['kind']>(['group', 'rank', 'word']);

function plain(column: Column, row: Row, speech: Speech): string | number {
  if (asWords.has(column.kind)) return textOf(column, row, speech);
  const value = row[column.name] ?? '';
  return column.kind === 'money' && value !== '' ? Number(value) / 100 : value;
}
