import express, { type Request, type Response } from 'express';
import { z } from 'zod';

import { segmentTable } from '../../content/document.ts';
import { messageSeenBy, versionSeenBy } from '../../content/messages.ts';
import { previewTable } from '../../content/table-previews.ts';
import { Invalid } from '../../platform/errors.ts';
import { parse, searchText, uuidOf } from '../../platform/http/parse.ts';
import { isLocale } from '../../platform/locale.ts';
import { peopleSeenBy } from '../../usage/people.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { contentFrom, errorsTold, Look } from './message-editor.ts';
import { previewOf, problemsTold, sendFrame } from './message-preview.ts';

const page = '/console/messages';
const editors = only('csm', 'admin');
const aMessage = { id: 'staff-thing' } as const;
const json = express.json({ limit: '4mb' });

/** How a message comes out: a version by itself, and what is being written, with the values of a person. */
export const messagePreviewRoutes: Route[] = [
  route('get', `${page}/:id/frame`, staff(aMessage), showFrame),
  route('post', `${page}/:id/previews`, editors(aMessage), json, preview),
  route('post', `${page}/:id/table-previews`, editors(aMessage), json, showTable),
  route('get', '/console/message-people', editors(), findPeople),
];

const Wanted = z.object({
  content: z.unknown(),
  locale: z.string().refine(isLocale),
  variant: z.int().min(0).max(25),
  person: z.int().min(1).nullable().default(null),
  scheme: z.enum(['light', 'dark']).catch('light'),
});

async function preview(req: Request, res: Response): Promise<void> {
  await messageSeenBy(req.viewer, uuidOf(req.params.id));
  const { content, person, ...wanted } = parse(Wanted, req.body);
  try {
    const made = await previewOf(staffViewerOf(req), contentFrom(content), {
      ...wanted,
      ...(person !== null && { personId: person }),
    });
    res.json({ ...made, problems: problemsTold(made.problems) });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    res.status(422).json({ errors: errorsTold(error) });
  }
}

const WantedTable = z.object({
  table: z.unknown(),
  locale: z.string().refine(isLocale),
  person: z.int().min(1).nullable().default(null),
});

/** How much a table would list for somebody, as its settings are now; what cannot be read yet says nothing. */
async function showTable(req: Request, res: Response): Promise<void> {
  await messageSeenBy(req.viewer, uuidOf(req.params.id));
  const { table, locale, person } = parse(WantedTable, req.body);
  const read = segmentTable.safeParse(table);
  const found = read.success
    ? await previewTable(staffViewerOf(req), read.data, { locale, ...(person !== null && { personId: person }) })
    : undefined;
  res.json(found ?? {});
} // prettier-ignore

/** A version by itself, without scripts: `?locale&variant&person&scheme&version`. */
async function showFrame(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { locale, variant, person, scheme } = Look.parse(req.query);
  const { version } = z
    .object({ version: z.coerce.number().int().min(1).max(2_000_000_000).optional().catch(undefined) })
    .parse(req.query);
  const { content } = await versionSeenBy(viewer, uuidOf(req.params.id), version);
  const made = await previewOf(viewer, content, {
    locale: locale ?? content.defaultLocale, variant, scheme, ...(person !== undefined && { personId: person }),
  }); // prettier-ignore
  sendFrame(res, made);
}

/** People whose values a preview may show, by a part of their name or address. */
async function findPeople(req: Request, res: Response): Promise<void> {
  const { q } = z.object({ q: searchText }).parse(req.query);
  const { people } = await peopleSeenBy(
    staffViewerOf(req),
    { search: q },
    { sort: 'name', direction: 'asc', page: 1 },
  );
  res.json(people.slice(0, 12).map(({ id, name, accountName }) => ({ id, name, accountName })));
}
