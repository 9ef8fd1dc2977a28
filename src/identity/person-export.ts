import type { StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';

import { gather, requireAdmin, type Subject, subjectOf } from './erasure-subject.ts';
import * as queries from './person-export.queries.ts';

/** One row of a section, under its table's own names. */
export type Row = Record<string, unknown>;

/** Everything that is held about somebody (GDPR, articles 15 and 20). */
export interface PersonExport {
  subject: Pick<Subject, 'key' | 'emails' | 'names'>;
  exportedAt: Date;
  sections: Record<string, Row[]>;
}

/** All that is held about one human, section by section; that somebody took it is kept. @throws NotFound; Forbidden */
export async function exportPerson(viewer: StaffViewer, key: string): Promise<PersonExport> {
  requireAdmin(viewer);
  const subject = await subjectOf(viewer, key);
  const at = now();
  const sections = await queries.selectSections(subject);
  await queries.noteExport({ by: viewer.name, at, key });
  return { subject, exportedAt: at, sections };
}

/** How many rows of each section there are, for whoever is about to decide. */
export async function heldAbout(key: string): Promise<Record<string, number>> {
  const sections = await queries.selectSections(await gather(key));
  return Object.fromEntries(Object.entries(sections).map(([name, rows]) => [name, rows.length]));
}

/** The same as lines: a section, a row's number, a field and its value. */
export function linesOf({ sections }: PersonExport): Row[] {
  return Object.entries(sections).flatMap(([section, rows]) =>
    rows.flatMap((row, index) =>
      Object.entries(row)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([field, value]) => ({
          section,
          row: index + 1,
          field,
          value: typeof value === 'string' ? value : JSON.stringify(value),
        })),
    ),
  );
}
