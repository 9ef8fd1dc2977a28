import type { Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db } from '../platform/db.ts';
import type { Locale } from '../platform/locale.ts';

import { contentProblems } from './checks.ts';
import type { SegmentTable } from './document.ts';
import { catalogs } from './merge-fields.ts';
import { somebody } from './previews.ts';
import { rowsOf } from './scopes.ts';
import { tableDrawer } from './segment-table.ts';
import { selectAccountsOf } from './segment-table.queries.ts';

/** What a table would be for one person if their message were made now. */
export interface TablePreview {
  person: { id: number; name: string } | undefined;
  /** How many rows there are; the message shows as many as the table's limit. */
  total: number;
  /** The first of them, as the plain-text part says them. */
  text: string;
}

const FIRST = 3;

/** @returns undefined while the settings cannot be looked up @throws NotFound for a person whom there is not */
export async function previewTable(
  viewer: Viewer,
  table: SegmentTable,
  { personId, locale }: { personId?: number; locale: Locale },
): Promise<TablePreview | undefined> {
  const { table: catalog } = await catalogs();
  if (contentProblems({ tables: { table } }, catalog).length > 0) return undefined;
  const person = await somebody(viewer, personId);
  if (person === undefined) return { person: undefined, total: 0, text: '' };
  const all = table.isOfAllAccounts ? (await selectAccountsOf(db, [person.id])).get(person.id) : undefined;
  const accountIds = all ?? [person.accountId];
  const asked = { catalog, today: now().toISOString().slice(0, 10) };
  const shown = { ...table, limit: FIRST, hasTotals: false, emptyText: '' };
  const found = (await rowsOf(db, shown, [{ accountIds }], asked)).get(0);
  const text = found === undefined ? '' : tableDrawer({ table: shown, catalog, locale })({ ...found, total: found.rows.length }).text; // prettier-ignore
  return { person: { id: person.id, name: person.name }, total: found?.total ?? 0, text };
}
