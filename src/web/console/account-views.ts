import type { Request } from 'express';

import type { SavedView, ViewList } from '../../accounts/saved-views.ts';

/** A view as its tab shows it. */
export interface ShownView {
  id: string;
  /** Words of a view that comes with the product, by their key; else the name that somebody gave it. */
  word: string | undefined;
  name: string;
  href: string;
  isCurrent: boolean;
}

/* Views that come with the product: what a list is asked for every day. */
const usual: Record<ViewList, readonly { id: string; query: string }[]> = {
  accounts: [
    { id: 'all', query: '' },
    { id: 'mine', query: 'manager=me' },
    { id: 'poor', query: 'rank=poor&sort=health' },
    { id: 'renewals', query: 'renewal=90&sort=renewalOn' },
    { id: 'idle', query: 'status=paying&frequency=inactive&sort=-value' },
  ],
  health: [
    { id: 'all', query: '' },
    { id: 'mine', query: 'manager=me' },
    { id: 'persistent', query: 'persistent=1' },
  ],
};

/** The tabs of a list's views, which of them is open, and whether what is shown differs from it. */
export function shownViews(
  req: Request,
  given: { list: ViewList; path: string; saved: readonly SavedView[] },
) {
  const { list, path, saved } = given;
  const open = typeof req.query.view === 'string' ? req.query.view : undefined;
  const here = plain(new URLSearchParams(req.originalUrl.split('?')[1] ?? ''));
  const tabs: ShownView[] = [
    ...usual[list].map(({ id, query }) => ({ id, word: `views.usual.${id}`, name: '', query })),
    ...saved.map(({ id, name, query }) => ({ id, word: undefined, name, query })),
  ].map(({ id, word, name, query }) => ({
    id,
    word,
    name,
    href: `${path}?${withView(query, id)}`,
    isCurrent: id === (open ?? matching(list, here)),
  }));
  const view = saved.find(({ id }) => id === open);
  const columns = view && new URLSearchParams(view.query).get('columns')?.split(',');
  return {
    tabs,
    current: view && { ...view, columns, isChanged: plain(new URLSearchParams(view.query)) !== here },
    /** What saving a view keeps. */
    query: here,
    default: saved.find(({ isDefault }) => isDefault),
  };
}

/** The usual view that shows the same, so that a plain link opens its tab. */
const matching = (list: ViewList, here: string): string | undefined =>
  usual[list].find(({ query }) => plain(new URLSearchParams(query)) === here)?.id;

/* Which page, which view, and what the dashboard shows above its list. */
const ofThePage = ['page', 'view', 'by', 'span'];

/** A query without what is not the list's own, in the order of names, so that the same reads the same. */
function plain(query: URLSearchParams): string {
  const kept = [...query].filter(([name, value]) => value !== '' && !ofThePage.includes(name));
  return new URLSearchParams(kept.sort(([one], [other]) => one.localeCompare(other))).toString();
}

const withView = (query: string, id: string): string => (query === '' ? '' : `${query}&`) + `view=${id}`;

/** Where a list begins that is asked for without anything: the person's default view. */
export function beginning(req: Request, path: string, saved: readonly SavedView[]): string | undefined {
  const first = saved.find(({ isDefault }) => isDefault);
  return req.originalUrl.includes('?') || first === undefined
    ? undefined
    : `${path}?${withView(first.query, first.id)}`;
}
