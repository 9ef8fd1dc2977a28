import type { StaffViewer } from '../access/viewer.ts';

import * as queries from './chosen-columns.queries.ts';

/** The columns that a person chose for a list; undefined when they never chose. */
export async function maybeChosenColumns(viewer: StaffViewer, list: string): Promise<string[] | undefined> {
  return await queries.selectColumns(viewer.personId, list);
}

/** Remembers the columns of a list for a person. None at all forgets the choice. */
export async function chooseColumns(
  viewer: StaffViewer,
  list: string,
  columns: readonly string[],
): Promise<void> {
  if (columns.length === 0) await queries.deleteColumns(viewer.personId, list);
  else await queries.upsertColumns(viewer.personId, list, columns);
}
