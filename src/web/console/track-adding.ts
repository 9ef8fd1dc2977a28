import type { Request, Response } from 'express';
import { z } from 'zod';

import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, searchText, uuidOf } from '../../platform/http/parse.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';
import { addPeople, previewAdding } from '../../tracks/adding.ts';
import { peopleSeenBy } from '../../usage/people.ts';
import { type Route, route, staffViewerOf } from '../guards.ts';

import { aTrack, editors, page, trackPage, unlessConflict } from './track-page.ts';

/** People are put into a track by hand: chosen one by one or by a list, counted, and only then taken in. */
export const trackAddingRoutes: Route[] = [
  route('get', `${page}/:id/people/new`, editors(aTrack), showAdding),
  route('post', `${page}/:id/people/additions`, editors(aTrack), unlessConflict(add)),
];

const MOST_FOUND = 25;
const ids = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .transform((all) => all.flatMap((one) => one.split(',')).filter((one) => /^\d{1,15}$/.test(one)).slice(0, 200).map(Number))
  .catch([]); // prettier-ignore

const Whom = z.object({ people: ids, segment: z.literal('').transform(() => undefined).or(z.guid()).optional() }); // prettier-ignore
const Asked = z.object({ q: searchText, people: ids, segment: z.guid().optional().catch(undefined) });

const whomOf = ({ people, segment }: { people: number[]; segment?: string | undefined }) => ({
  ...(people.length > 0 ? { personIds: people } : {}),
  ...(segment === undefined ? {} : { segmentId: segment }),
});

async function showAdding(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const asked = Asked.parse(req.method === 'POST' ? (req.body ?? {}) : req.query);
  const whom = whomOf(asked);
  const order = { sort: 'name', direction: 'asc', page: 1 } as const;
  const [lists, found, preview] = await Promise.all([
    segmentsSeenBy(viewer),
    asked.q === '' ? { people: [] } : peopleSeenBy(viewer, { search: asked.q }, order),
    Object.keys(whom).length === 0 ? undefined : previewAdding(viewer, shown.track.id, whom),
  ]);
  res.render('console/tracks/adding', {
    ...shown, asked, lists: lists.filter(({ isShared }) => isShared), found: found.people.slice(0, MOST_FOUND),
    preview: preview && {
      ...preview,
      skipped: Object.entries(preview.skipped).map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count),
    },
  }); // prettier-ignore
}

const take = submitting(async (req, res) => {
  const id = uuidOf(req.params.id);
  const whom = whomOf(parse(Whom, req.body));
  if (Object.keys(whom).length === 0) throw new Invalid({ segment: 'tracks.adding.nobodyChosen' });
  const { key } = parse(z.object({ key: z.guid('errors.invalid') }), req.body);
  const count = await addPeople(req.viewer, id, whom, { key });
  flash(res, 'tracks.adding.added', { values: { count } });
  res.redirect(303, `${page}/${id}/people`);
}, showAdding);

async function add(req: Request, res: Response): Promise<void> {
  await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  await take(req, res, () => undefined);
}
