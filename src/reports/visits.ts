import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { log } from '../platform/log.ts';

import { daysBefore } from './months.ts';
import { type Asked, lengthOf, type Section } from './report.ts';
import { addPages, deletePagesBefore, selectMostFrequent, selectVisitors } from './visits.queries.ts';

export const surfaces = ['portal', 'partner', 'console', 'account'] as const;
export type VisitedSurface = (typeof surfaces)[number];

const AFTER_MILLISECONDS = 2_000;

/** Pages that were opened and are not written yet: they are gathered for a moment, so that a page costs no write of its own. */
const opened = new Map<string, { personId: string; day: string; surface: VisitedSurface; pages: number }>();
let timer: NodeJS.Timeout | undefined;

/** Counts a page that somebody opened (RP5). */
export function notePage(personId: string, surface: VisitedSurface): void {
  const day = now().toISOString().slice(0, 10);
  const key = `${personId} ${day} ${surface}`;
  const entry = opened.get(key) ?? { personId, day, surface, pages: 0 };
  entry.pages += 1;
  opened.set(key, entry);
  timer ??= setTimeout(() => void writePages(), AFTER_MILLISECONDS).unref();
}

/** Writes what was gathered. When the database does not take it, these few seconds are not counted: no page waits for that. */
export async function writePages(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const days = [...opened.values()];
  opened.clear();
  if (days.length === 0) return;
  try {
    await addPages(days);
  } catch (error) {
    log.warn({ err: error, pages: days.length }, 'pages that were opened could not be counted');
  }
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Forgets who opened pages longer ago than reports look back. */
    forget_pages: Record<string, never>;
  }
}

const KEPT_DAYS = 400;

/** A job of the clock. */
export async function forgetPages(): Promise<void> {
  await deletePagesBefore(daysBefore(now().toISOString().slice(0, 10), KEPT_DAYS));
}

/** Who uses Rapport itself, and who does so most (RP5, “Totango Users”). */
export async function rapportUsers(viewer: Viewer, asked: Asked): Promise<Section[]> {
  await writePages();
  const since = daysBefore(asked.today, lengthOf(asked.span) - 1);
  const [days, people] = await Promise.all([
    selectVisitors(forStaff(viewer), since, asked.today),
    selectMostFrequent(forStaff(viewer), { since, until: asked.today, limit: asked.limit }),
  ]);
  return [
    {
      name: 'visitors',
      columns: [
        { name: 'day', kind: 'date' },
        { name: 'staff', kind: 'number' },
        { name: 'customers', kind: 'number' },
        { name: 'pages', kind: 'number' },
      ],
      rows: days,
      plan: { form: 'stacked-columns', label: 'day', values: ['staff', 'customers'], kind: 'number' },
    },
    {
      name: 'people',
      columns: [
        { name: 'person', kind: 'text' },
        { name: 'kind', kind: 'word' },
        { name: 'company', kind: 'text' },
        { name: 'days', kind: 'number' },
        { name: 'pages', kind: 'number' },
        { name: 'lastOn', kind: 'date' },
      ],
      rows: people,
    },
  ];
}
