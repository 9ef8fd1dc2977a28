import { forStaff, hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../platform/errors.ts';

import * as queries from './saved-views.queries.ts';

/** The lists that keep views. */
export const viewLists = ['accounts', 'health'] as const;
export type ViewList = (typeof viewLists)[number];

/** A list as somebody likes it. */
export interface SavedView {
  id: string;
  name: string;
  /** The query of the list's address: filters, order, columns. */
  query: string;
  isShared: boolean;
  isOwn: boolean;
  /** The list begins with it, for this person. */
  isDefault: boolean;
  ownerName: string;
}

/** What a person settled about a list. */
export interface ListSettings {
  /** The columns they chose; undefined when they never chose. */
  columns: string[] | undefined;
  /** Their own views and those that colleagues share, by name. */
  views: SavedView[];
}

/** One statement for all that a list shows of its own. */
export async function listSettings(viewer: StaffViewer, list: ViewList): Promise<ListSettings> {
  return await queries.selectSettings(forStaff(viewer), viewer.personId, list);
}

/** A view as it is asked for. */
export interface NewView {
  list: ViewList;
  name: string;
  query: string;
  isShared: boolean;
  isDefault: boolean;
}

const MOST = 100;

/** Saves a view; one of the same name of the same person takes the new query over. @throws Invalid */
export async function saveView(viewer: StaffViewer, view: NewView): Promise<string> {
  const id = await queries.upsertView(viewer.personId, view, { at: now(), most: MOST });
  if (id === undefined) throw new Invalid({ name: 'views.errors.tooMany' });
  return id;
}

/** Deletes a view: one's own, or as an administrator one that is shared. @throws NotFound, Forbidden */
export async function deleteView(viewer: StaffViewer, id: string): Promise<ViewList> {
  const view = await queries.selectView(forStaff(viewer), viewer.personId, id);
  if (view === undefined) throw new NotFound();
  if (!view.isOwn && !hasRole(viewer, 'admin')) throw new Forbidden();
  await queries.deleteView(id);
  return view.list;
}

/** Has the list begin with that view; undefined: with the whole. @throws NotFound, Conflict when the view is of another list */
export async function chooseDefaultView(
  viewer: StaffViewer,
  list: ViewList,
  id: string | undefined,
): Promise<void> {
  if (id === undefined) {
    await queries.deleteDefault(viewer.personId, list);
    return;
  }
  const view = await queries.selectView(forStaff(viewer), viewer.personId, id);
  if (view === undefined) throw new NotFound();
  if (view.list !== list) throw new Conflict('views.errors.otherList');
  await queries.upsertDefault(viewer.personId, list, id);
}
