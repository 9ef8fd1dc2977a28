import type { Request, Response } from 'express';
import { z } from 'zod';

import { whyFor } from '../../campaigns/audience/explanation.ts';
import { formatsFor } from '../../platform/formats.ts';
import { searchText, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import type { Explanation } from '../../rules/explain.ts';
import { labelsOf } from '../../rules/labels.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { peopleSeenBy } from '../../usage/people.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { campaignPage } from './campaign-page.ts';
import { checkTold } from './campaign-why-told.ts';
import { outcomesOf } from './run-outcomes.ts';
import { partsShown } from './segment-why.ts';
import { orTrack } from './track-page.ts';

const page = '/console/campaigns';

/** Why somebody did, or did not, get a campaign; before it is sent, whether they would (A6). */
export const campaignPeopleRoutes: Route[] = [
  route('get', `${page}/:id/people`, staff({ id: 'staff-thing' }), orTrack(showPeople, pathIn)),
];

const MOST_FOUND = 25;

const Query = z.object({
  q: searchText,
  person: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
});

/** Of a track, the way of whoever is asked about. */
function pathIn(req: Request): string {
  const { person } = Query.parse(req.query);
  return person === undefined ? '/people' : `/people/${String(person)}`;
}

async function showPeople(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = Query.parse(req.query);
  const shown = await campaignPage(viewer, uuidOf(req.params.id));
  if (asked.person !== undefined) {
    const why = await whyFor(viewer, shown.campaign.id, asked.person);
    const told = {
      ...why, tone: tones[why.verdict], checks: why.checks.map((check) => checkTold(check, viewer.timeZone)),
      deliveries: why.deliveries.map(outcomesOf), rule: why.rule && (await ruleShown(why.rule, viewer.timeZone)),
    }; // prettier-ignore
    res.render('console/campaigns/people', { ...shown, asked, people: [], why: told });
    return;
  }
  const order = { sort: 'name', direction: 'asc', page: 1 } as const;
  const { people } = asked.q === '' ? { people: [] } : await peopleSeenBy(viewer, { search: asked.q }, order);
  res.render('console/campaigns/people', {
    ...shown,
    asked,
    people: people.slice(0, MOST_FOUND),
    why: undefined,
  });
}

const tones = { would: 'good', did: 'good', wouldNot: 'bad', didNot: 'bad', will: 'open' } as const;

/** The rule of the list, condition by condition, as it is with the person now. */
async function ruleShown(explanation: Explanation, timeZone: string) {
  const catalog = await wholeCatalog();
  const labels = await labelsOf([explanation.rule], catalog);
  const t = translator('en', 'console');
  return partsShown(explanation, { catalog, labels, t, formats: formatsFor('en', timeZone) });
}
