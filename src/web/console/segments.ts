import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, Response } from 'express';
import { z } from 'zod';

import { chooseColumns, maybeChosenColumns } from '../../accounts/chosen-columns.ts';
import { now } from '../../platform/clock.ts';
import { csvStream } from '../../platform/csv.ts';
import { pageNumber, searchText, sortAmong, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { describe } from '../../rules/describe.ts';
import { labelsOf } from '../../rules/labels.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { isFollowed } from '../../alerts/follows.ts';
import { mayEdit } from '../../segments/editors.ts';
import { changesOf, comparisonsOf, lastComparison, recentSizes, sizesOf } from '../../segments/history.ts';
import {
  everyMemberSeenBy, type Member, type MemberFilter, MEMBERS_A_PAGE, membersSeenBy, memberSortings,
} from '../../segments/members.ts'; // prettier-ignore
import { type Segment, segmentSeenBy, segmentsSeenBy, usesOf } from '../../segments/segments.ts';
import { tagNames } from '../../segments/tags.ts';
import { sparkline } from '../charts/sparkline.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { segmentActRoutes } from './segment-acts.ts';
import { listOf, memberColumns, memberColumnsFor } from './segment-columns.ts';
import { segmentFormRoutes } from './segment-form.ts';
import { sizeChart } from './segment-chart.ts';
import { segmentWhyRoutes } from './segment-why.ts';

const page = '/console/segments';
const aList = { id: 'staff-thing' } as const;

/** Smart lists (TG6, AN3): all of them, one with its members and how it came to them, its CSV. */
export const segmentRoutes: Route[] = [
  route('get', page, staff(), listSegments),
  ...segmentFormRoutes,
  route('post', '/console/segment-columns', staff(), choose),
  route('get', `${page}/:id`, staff(aList), showSegment),
  route('get', `${page}/:id/changes`, staff(aList), showChanges),
  route('get', `${page}/:id/members.csv`, staff(aList), downloadMembers),
  ...segmentActRoutes,
  ...segmentWhyRoutes,
];

const IndexQuery = z.object({ q: searchText, show: z.enum(['active', 'archived']).catch('active') });

async function listSegments(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = IndexQuery.parse(req.query);
  const [all, proof, sizes] = await Promise.all([
    segmentsSeenBy(viewer, { isArchived: asked.show === 'archived' }),
    lastComparison(viewer),
    recentSizes(viewer, 30),
  ]);
  const wanted = asked.q.toLowerCase();
  const found = all.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  );
  res.render('console/segments/index', {
    asked, proof, groups: groupsOf(found), isEmpty: all.length === 0, mayEdit: mayEdit(viewer),
    sparkOf: ({ id }: Segment) => {
      const days = sizes.get(id) ?? [];
      return days.length > 1 ? sparkline(days) : undefined;
    },
  }); // prettier-ignore
}

/** Favorites, then own lists without a folder, then each folder. */
function groupsOf(segments: readonly Segment[]): { name: string; kind: string; segments: Segment[] }[] {
  const placeOf = ({ isFavorite, isShared, folder }: Segment) =>
    isFavorite ? '1' : folder !== null ? `4${folder}` : isShared ? '3' : '2';
  const kinds: Record<string, string> = { 1: 'favorites', 2: 'own', 3: 'shared', 4: 'folder' };
  return [...Map.groupBy(segments, placeOf)]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([place, found]) => ({
      name: place.slice(1),
      kind: kinds[place[0] ?? ''] ?? 'shared',
      segments: found,
    }));
}

const ShowQuery = z.object({
  q: searchText,
  mine: z.literal('yes').optional().catch(undefined),
  page: pageNumber,
  sort: sortAmong(memberSortings).optional().catch(undefined),
});

function filterOf(asked: z.infer<typeof ShowQuery>, req: Request): MemberFilter {
  const own = asked.mine === 'yes' ? (staffViewerOf(req).userId ?? 'nobody') : undefined;
  return { search: asked.q, managerId: own };
}

async function showSegment(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const segment = await segmentSeenBy(viewer, uuidOf(req.params.id));
  const asked = ShowQuery.parse(req.query);
  const { id, entity } = segment;
  const order = asked.sort ?? {
    sort: entity === 'person' ? ('person' as const) : ('name' as const),
    direction: 'asc' as const,
  };
  const [{ members, total, page: here }, chosen, names, overview] = await Promise.all([
    membersSeenBy(viewer, segment, { filter: filterOf(asked, req), order, page: asked.page }),
    maybeChosenColumns(viewer, listOf(entity)),
    tagNames(viewer),
    overviewOf(req, segment),
  ]);
  res.render('console/segments/show', {
    ...overview, segment, members, total, here, asked, names,
    columns: memberColumnsFor(entity, chosen), allColumns: memberColumns[entity],
    sort: (order.direction === 'desc' ? '-' : '') + order.sort,
    pages: Math.max(1, Math.ceil(total / MEMBERS_A_PAGE)),
    isFiltered: asked.q !== '' || asked.mine === 'yes', mayTag: mayEdit(viewer) && entity === 'account',
    query: new URLSearchParams(req.originalUrl.split('?')[1] ?? '').toString(), id,
  }); // prettier-ignore
}

/** What the head of a list shows on each of its pages. */
async function overviewOf(req: Request, segment: Segment) {
  const viewer = staffViewerOf(req);
  const [uses, days, catalog, follows] = await Promise.all([
    usesOf(viewer, segment.id),
    sizesOf(viewer, segment.id, 90),
    wholeCatalog(),
    isFollowed(viewer, 'segment', segment.id),
  ]);
  const week = days.slice(-7);
  return {
    uses,
    isFollowed: follows,
    mayEdit: mayEdit(viewer),
    chart: days.length > 1 ? sizeChart(days) : undefined,
    entered: week.reduce((sum, day) => sum + day.entered, 0),
    departed: week.reduce((sum, day) => sum + day.departed, 0),
    told: describe(segment.rule, { catalog, labels: await labelsOf([segment.rule], catalog) }),
  };
}

const ChangesQuery = z.object({
  change: z.enum(['entered', 'left']).optional().catch(undefined),
  page: pageNumber,
});

async function showChanges(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const segment = await segmentSeenBy(viewer, uuidOf(req.params.id));
  const asked = ChangesQuery.parse(req.query);
  const [found, comparisons, overview] = await Promise.all([
    changesOf(viewer, segment.id, asked),
    comparisonsOf(viewer, segment.id),
    overviewOf(req, segment),
  ]);
  res.render('console/segments/changes', { ...overview, ...found, segment, asked, comparisons });
}

async function downloadMembers(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const segment = await segmentSeenBy(viewer, uuidOf(req.params.id));
  const { entity } = segment;
  const columns = memberColumnsFor(entity, await maybeChosenColumns(viewer, listOf(entity)));
  const t = translator('en', 'console');
  const head = [
    { key: 'id', header: t('segments.columns.id') },
    { key: 'name', header: t(`segments.columns.${entity === 'person' ? 'person' : 'account'}`) },
    ...columns.map(({ name }) => ({ key: `column-${name}`, header: t(`segments.columns.${name}`) })),
  ];
  const row = (member: Member) => ({
    id: entity === 'person' ? member.entityId : member.accountId,
    name: entity === 'person' ? member.personName : member.accountName,
    ...Object.fromEntries(columns.map(({ name, value }) => [`column-${name}`, value(member)])),
  });
  const members = everyMemberSeenBy(viewer, segment, filterOf(ShowQuery.parse(req.query), req));
  res.attachment(`list-${now().toISOString().slice(0, 10)}.csv`).type('text/csv; charset=utf-8');
  await pipeline(Readable.from(mapped(members, row)), csvStream(head), res);
}

async function* mapped<From, To>(items: AsyncIterable<From>, turn: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield turn(item);
}

const Choice = z.object({
  columns: z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]),
  id: z.guid().optional().catch(undefined),
  entity: z.enum(['account', 'person']).catch('account'),
  query: z.string().max(2000).catch(''),
});

async function choose(req: Request, res: Response): Promise<void> {
  const { columns, id, entity, query } = Choice.parse(req.body ?? {});
  const known = memberColumnsFor(entity, columns).map(({ name }) => name);
  await chooseColumns(staffViewerOf(req), listOf(entity), known);
  const back = new URLSearchParams(query).toString();
  const list = id === undefined ? page : `${page}/${id}`;
  res.redirect(303, back === '' ? list : `${list}?${back}`);
}
