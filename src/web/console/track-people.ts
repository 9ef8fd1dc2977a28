import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import { csvStream } from '../../platform/csv.ts';
import { flash } from '../../platform/http/flash.ts';
import { pageNumber, searchText, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { everyStep } from '../../tracks/definition.ts';
import {
  everyPersonInTrack, PEOPLE_A_PAGE, peopleInTrack, type PersonFilter, type PersonInTrack, personStates, removePerson,
} from '../../tracks/people.ts'; // prettier-ignore
import { pathOf } from '../../tracks/paths.ts';
import type { ShownTrack } from '../../tracks/tracks.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { draftOf } from './track-draft-form.ts';
import { aTrack, editors, page, trackPage, unlessConflict } from './track-page.ts';
import { pathsShown, personIdOf } from './track-path.ts';
import { namesFor, placeTold } from './track-told.ts';

const aPerson = { ...aTrack, person: 'staff-thing' } as const;
const t = translator('en', 'console');

/** Who is in a track, who was, and the way that each of them went. */
export const trackPeopleRoutes: Route[] = [
  route('get', `${page}/:id/people`, staff(aTrack), listPeople),
  route('get', `${page}/:id/people.csv`, staff(aTrack), downloadPeople),
  route('get', `${page}/:id/people/:person`, staff(aPerson), showPath),
  route('post', `${page}/:id/people/:person/removals`, editors(aPerson), unlessConflict(remove)),
];

const Query = z.object({
  q: searchText,
  step: z.string().regex(/^[a-z0-9-]{1,40}$/).optional().catch(undefined),
  state: z.enum(personStates).optional().catch(undefined),
  page: pageNumber,
}); // prettier-ignore

const filterOf = ({ q, step, state }: z.infer<typeof Query>): PersonFilter => ({ search: q, step, state });

/** The steps of the version that people go through, by what they are called. */
function stepsNamed({ activeDefinition, definition }: ShownTrack): Map<string, string> {
  const shown = activeDefinition ?? definition;
  const draft = draftOf(shown);
  return new Map(everyStep(shown.steps).map(({ step }) => [step.key, placeTold(draft, step.key)]));
}

async function listPeople(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = Query.parse(req.query);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { people, total } = await peopleInTrack(viewer, shown.track.id, filterOf(asked), asked.page);
  res.render('console/tracks/people', {
    ...shown, asked, people, total, states: personStates, steps: stepsNamed(shown.track),
    pages: Math.max(1, Math.ceil(total / PEOPLE_A_PAGE)), query: new URLSearchParams(req.originalUrl.split('?')[1] ?? '').toString(),
    isFiltered: [asked.q || undefined, asked.step, asked.state].some((one) => one !== undefined),
  }); // prettier-ignore
}

const columns = [
  'personId', 'person', 'email', 'accountId', 'account', 'entry', 'state', 'step', 'enteredAt', 'arrivedAt', 'dueAt', 'endedAt', 'reason',
] as const; // prettier-ignore

async function downloadPeople(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { track } = await trackPage(viewer, uuidOf(req.params.id));
  const steps = stepsNamed(track);
  const rows = everyPersonInTrack(viewer, track.id, filterOf(Query.parse(req.query)));
  res.attachment(`track-${track.id.slice(0, 8)}.csv`).type('text/csv; charset=utf-8');
  const head = columns.map((key) => ({ key, header: t(`tracks.columns.${key}`) }));
  await pipeline(Readable.from(mapped(rows, steps)), csvStream(head), res);
}

async function* mapped(rows: AsyncIterable<PersonInTrack>, steps: ReadonlyMap<string, string>) {
  for await (const { name, accountName, step, ...row } of rows)
    yield {
      ...row,
      person: name,
      account: accountName,
      step: step === null ? '' : (steps.get(step) ?? step),
    };
}

async function showPath(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { person, entries } = await pathOf(viewer, shown.track.id, personIdOf(req.params.person));
  const { track } = shown;
  const draft = draftOf(track.activeDefinition ?? track.definition);
  const names = await namesFor(viewer, [draft]);
  res.render('console/tracks/path', { ...shown, person, entries: pathsShown(entries, { draft, names }) });
}

async function remove(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  const personId = personIdOf(req.params.person);
  await removePerson(req.viewer, id, personId);
  flash(res, 'tracks.people.removed');
  res.redirect(303, `${page}/${id}/people/${String(personId)}`);
}
