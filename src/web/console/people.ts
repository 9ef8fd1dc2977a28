import type { Request, Response } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import { deliveriesTo } from '../../campaigns/runs/ledger.ts';
import { consentsOf, wordsSeenBy } from '../../consent/consent.ts';
import { suppressionsSeenBy } from '../../consent/suppression-list.ts';
import { statuses } from '../../licenses/status.ts';
import { now } from '../../platform/clock.ts';
import { NotFound } from '../../platform/errors.ts';
import { pageNumber, searchText, sortAmong } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { tracksOfPerson } from '../../tracks/paths.ts';
import { frequencies, periods } from '../../usage/account-usage.ts';
import { type CohortKind, cohortKinds, cohortsSeenBy } from '../../usage/cohorts.ts';
import {
  elsewhere, groups, leaderboard, MOST_COUNTED, PAGE_SIZE, peopleSeenBy, peopleSortings, personSeenBy,
} from '../../usage/people.ts'; // prettier-ignore
import { usageOfPerson } from '../../usage/person-usage.ts';
import { columns } from '../charts/bars.ts';
import { route, staff, staffViewerOf } from '../guards.ts';

import { dayName, hoursOf } from './account-tabs/spoken.ts';
import { cohortChart, cohortName } from './cohort-chart.ts';
import { recordUrl } from './record-url.ts';
import { outcomesOf } from './run-outcomes.ts';
import { topicName } from './topic-names.ts';

export const peopleRoutes = [
  route('get', '/console/people', staff(), listPeople),
  route('get', '/console/people/leaders', staff(), showLeaders),
  route('get', '/console/people/cohorts', staff(), showCohorts),
  route('get', '/console/people/:person', staff({ person: 'staff-thing' }), showPerson),
];

const t = translator('en', 'console');
const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names).optional().catch(undefined);

const ListQuery = z.object({
  q: searchText,
  group: oneOf(groups),
  frequency: oneOf(frequencies),
  status: oneOf(statuses),
  whose: oneOf(['mine']),
  page: pageNumber,
  sort: sortAmong(peopleSortings).catch({ sort: 'engagement', direction: 'desc' }),
});

async function listPeople(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = ListQuery.parse(req.query);
  const { sort, direction } = asked.sort;
  const { people, total } = await peopleSeenBy(
    viewer,
    {
      search: asked.q || undefined,
      group: asked.group,
      frequency: asked.frequency,
      status: asked.status,
      managerId: asked.whose && (viewer.userId ?? 'nobody'),
    },
    { sort, direction, page: asked.page },
  );
  res.render('console/people/index', {
    people, total, asked, groups, frequencies, statuses, hoursOf,
    sort: direction === 'desc' ? `-${sort}` : sort, pages: Math.max(1, Math.ceil(total / PAGE_SIZE)),
    isCut: total >= MOST_COUNTED, mostCounted: MOST_COUNTED,
  }); // prettier-ignore
}

async function showLeaders(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const whose = oneOf(['mine']).parse(req.query.whose);
  const boards = await leaderboard(viewer, whose && (viewer.userId ?? 'nobody'));
  res.render('console/people/leaders', { boards, whose });
}

async function showCohorts(req: Request, res: Response): Promise<void> {
  const kind: CohortKind = z.enum(cohortKinds).catch('began').parse(req.query.by);
  const cohorts = await cohortsSeenBy(staffViewerOf(req), kind);
  res.render('console/people/cohorts', {
    kind, kinds: cohortKinds, hoursOf, chart: cohorts.length > 0 && cohortChart(cohorts, kind),
    cohorts: cohorts.map((cohort) => ({ ...cohort, label: cohortName(cohort, kind) })),
  }); // prettier-ignore
}

const MESSAGES_SHOWN = 12;
const WORDS_SHOWN = 20;

/** What somebody may be sent, by topic, and whether their address is suppressed; undefined for who has no address. */
async function consentShown(viewer: StaffViewer, { id, email }: { id: number; email: string | null }) {
  if (email === null) return undefined;
  const [topics, { suppressions }, words] = await Promise.all([
    consentsOf(email),
    suppressionsSeenBy(viewer, { address: email, state: 'active', page: 1, size: 5 }),
    wordsSeenBy(viewer, id),
  ]);
  const names = new Map(topics.map((topic) => [topic.code, topicName(topic)]));
  return {
    topics: topics.map((topic) => ({ ...topic, name: topicName(topic) })),
    suppressions,
    words: words
      .slice(0, WORDS_SHOWN)
      .map((word) => ({ ...word, name: names.get(word.topic) ?? t('consent.person.all') })),
  };
}

async function showPerson(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(req.params.person);
  if (!id.success) throw new NotFound();
  const person = await personSeenBy(viewer, id.data);
  const [usage, others, { deliveries }, tracks, consents] = await Promise.all([
    usageOfPerson(viewer, person, now().toISOString().slice(0, 10)),
    elsewhere(viewer, person),
    deliveriesTo(viewer, { personId: person.id }, 1),
    tracksOfPerson(viewer, person.id),
    consentShown(viewer, person),
  ]);
  const chart = columns({
    items: usage.days.map(({ day, events }) => ({ label: dayName(day), value: events })),
    heads: [t('people.day'), t('people.actions')],
  });
  res.render('console/people/show', {
    person, usage, others, chart, periods, hoursOf, tracks, consents,
    deliveries: deliveries.slice(0, MESSAGES_SHOWN).map(outcomesOf),
    contactUrl: person.contactId === null ? undefined : recordUrl('Contact', person.contactId),
    caseUrl: (caseId: string) => recordUrl('Case', caseId),
  }); // prettier-ignore
}
