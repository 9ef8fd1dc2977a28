import type { Request, Response } from 'express';
import { z } from 'zod';

import { Conflict, Invalid, NotFound, Unavailable } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, pageNumber, searchText } from '../../platform/http/parse.ts';
import {
  descriptionOf,
  type KnownDescription,
  objectsNamed,
} from '../../platform/salesforce/mirror/catalog.ts';
import {
  columnsFor,
  fieldNotices,
  type MappedField,
  mappedFields,
  mappedObjects,
  maybeMapped,
  rememberedFields,
  withChoice,
} from '../../platform/salesforce/mirror/mapped.ts';
import type { Mirrored } from '../../platform/salesforce/mirror/mapping.ts';
import { type Previewed, preview } from '../../platform/salesforce/mirror/preview.ts';
import { changeSettings, mappingHistory, undoChange } from '../../platform/salesforce/mirror/settings.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { shownChange } from './mapping-history.ts';

const page = '/console/mapping';
const admin = only('admin');

/** Fields on one page of an object. */
const PAGE_SIZE = 100;

const shows = ['all', 'column', 'attribute', 'left-out', 'missing', 'news'] as const;

const ListQuery = z.object({
  q: searchText,
  show: z.enum(shows).catch('all'),
  page: pageNumber,
});

const FieldForm = z.object({
  mirror: z.enum(['yes', 'no']).default('yes'),
  column: z.string().max(100).default(''),
  owner: z.enum(['salesforce', 'rapport', 'shared']).optional(),
});

/** What of Salesforce is mirrored, and where it goes: for administrators to see and to choose. */
export function mappingRoutes(base: readonly Mirrored[]): Route[] {
  const objectOf = async (req: Request) => {
    const mapped = await maybeMapped(base, String(req.params.sobject));
    if (mapped === undefined) throw new NotFound();
    return mapped;
  };
  return [
    route('get', page, admin(), async (_req, res) => {
      const [objects, notices, history] = await Promise.all([
        mappedObjects(base),
        fieldNotices(),
        mappingHistory(),
      ]);
      res.render('console/mapping/index', { objects, notices, history: history.map(shownChange) });
    }),
    route('get', `${page}/objects`, admin(), (req, res) => showObjects(base, req, res)),
    route('post', `${page}/objects`, admin(), (req, res) => addObject(base, req, res)),
    route('post', `${page}/changes/:id/undos`, admin({ id: 'staff-thing' }), async (req, res) => {
      await undo(idOf(req.params.id), req, res);
    }),
    route('get', `${page}/:sobject`, admin({ sobject: 'staff-thing' }), async (req, res) => {
      await showFields(await objectOf(req), req, res);
    }),
    route('post', `${page}/:sobject/removals`, admin({ sobject: 'staff-thing' }), async (req, res) => {
      const { mapping, settings } = await objectOf(req);
      if (!settings.isChosen || !mapping.sharesTable) throw new NotFound();
      const by = staffViewerOf(req).personId;
      await changeSettings({ sobject: mapping.sobject, by }, (before) => ({ ...before, isChosen: false }));
      flash(res, 'mapping.removed');
      res.redirect(303, page);
    }),
    route('get', `${page}/:sobject/fields/:field`, fieldRule(), async (req, res) => {
      await showField(await objectOf(req), req, res);
    }),
    route(
      'post',
      `${page}/:sobject/fields/:field`,
      fieldRule(),
      submitting(
        async (req, res) => chooseField(await objectOf(req), req, res),
        async (req, res) => showField(await objectOf(req), req, res),
      ),
    ),
  ];
}

async function undo(id: number, req: Request, res: Response): Promise<void> {
  try {
    await undoChange(id, staffViewerOf(req).personId);
    flash(res, 'mapping.undone');
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    flash(res, 'mapping.changedSince', { kind: 'warning' });
  }
  res.redirect(303, page);
}

const fieldRule = () => admin({ sobject: 'staff-thing', field: 'staff-thing' });

type Mapped = NonNullable<Awaited<ReturnType<typeof maybeMapped>>>;

/** Salesforce's description now, or what is remembered of it. */
async function described(sobject: string): Promise<KnownDescription & { isLive: boolean }> {
  const description = await whenSalesforceAnswers(() => descriptionOf(sobject));
  return { ...(description ?? (await rememberedFields(sobject))), isLive: description !== undefined };
}

async function showObjects(base: readonly Mirrored[], req: Request, res: Response): Promise<void> {
  const { q } = parse(ListQuery, req.query);
  const mirrored = new Set((await mappedObjects(base)).map(({ sobject }) => sobject));
  const found = await whenSalesforceAnswers(() => objectsNamed(q, mirrored));
  res.render('console/mapping/objects', { objects: [], total: 0, ...found, q, isLive: found !== undefined });
}

/** Undefined when it does not: the page says so, and shows what is known without it. */
async function whenSalesforceAnswers<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return undefined;
  }
}

/** @throws Invalid for what the org does not have, or does not let us read */
async function addObject(base: readonly Mirrored[], req: Request, res: Response): Promise<void> {
  const { sobject } = parse(z.object({ sobject: line(80) }), req.body);
  const mirrored = new Set((await mappedObjects(base)).map((object) => object.sobject));
  const { objects } = await objectsNamed(sobject, mirrored);
  if (!objects.some(({ name }) => name === sobject)) throw new Invalid({ sobject: 'mapping.noSuchObject' });
  await changeSettings({ sobject, by: staffViewerOf(req).personId }, (before) => ({
    ...before,
    isChosen: true,
  }));
  flash(res, 'mapping.added', { values: { object: sobject } });
  res.redirect(303, `${page}/${sobject}`);
}

async function showFields({ mapping, settings }: Mapped, req: Request, res: Response): Promise<void> {
  const asked = parse(ListQuery, req.query);
  const { sobject } = mapping;
  const [description, notices, history] = await Promise.all([
    described(sobject),
    fieldNotices(sobject),
    mappingHistory(sobject, 10),
  ]);
  const all = mappedFields(mapping, description, settings, notices);
  const found = all.filter((field) => isAsked(field, asked));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const shown = Math.min(asked.page, pages);
  res.render('console/mapping/show', {
    mapping,
    description,
    asked,
    shows,
    isChosen: settings.isChosen,
    fields: found.slice((shown - 1) * PAGE_SIZE, shown * PAGE_SIZE),
    total: found.length,
    page: shown,
    pages,
    history: history.map(shownChange),
  });
}

const missing = new Set(['hidden', 'unfit', 'unreadable', 'unsteady']);

function isAsked(field: MappedField, { q, show }: z.infer<typeof ListQuery>): boolean {
  const words = `${field.name} ${field.label} ${field.columns.join(' ')}`.toLowerCase();
  if (!words.includes(q.toLowerCase())) return false;
  if (show === 'missing') return missing.has(field.place);
  if (show === 'news') return field.notice !== undefined;
  return show === 'all' || field.place === show;
}

async function fieldNamed({ mapping, settings }: Mapped, name: unknown) {
  const description = await described(mapping.sobject);
  const notices = await fieldNotices(mapping.sobject);
  const field = mappedFields(mapping, description, settings, notices).find((one) => one.name === name);
  if (field === undefined) throw new NotFound();
  return { description, field };
}

async function showField(mapped: Mapped, req: Request, res: Response): Promise<void> {
  const { description, field } = await fieldNamed(mapped, req.params.field);
  const { mapping, base } = mapped;
  const isFree = !mapping.sharesTable && ['column', 'attribute', 'left-out'].includes(field.place);
  const columns = isFree ? columnsFor(mapping, base, field.type) : [];
  const rows = await previewOf(mapped, field, description.nameField);
  res.render('console/mapping/field', { mapping, one: field, columns, rows });
}

/** Real rows; undefined when Salesforce gives none of this field. */
async function previewOf(
  { mapping }: Mapped,
  field: MappedField,
  nameField: string,
): Promise<Previewed[] | undefined> {
  if (field.place === 'hidden' || field.place === 'unreadable') return undefined;
  return await whenSalesforceAnswers(() => preview(mapping, { field: field.name, nameField }));
}

async function chooseField(mapped: Mapped, req: Request, res: Response): Promise<void> {
  const { field } = await fieldNamed(mapped, req.params.field);
  const { mapping, base } = mapped;
  const given = parse(FieldForm, req.body);
  const column = given.column === '' ? undefined : given.column;
  if (column !== undefined && !columnsFor(mapping, base, field.type).some(({ name }) => name === column))
    throw new Invalid({ column: 'mapping.noSuchColumn' });
  if (given.mirror === 'no' && (column !== undefined || field.columns.length > 0 || field.place === 'row'))
    throw new Invalid({ mirror: 'mapping.fillsColumn' });
  const choice = { isMirrored: given.mirror === 'yes', column, owner: given.owner ?? field.owner };
  const by = staffViewerOf(req).personId;
  await changeSettings({ sobject: mapping.sobject, by }, (before) =>
    withChoice(before, mapped, field.name, choice),
  );
  flash(res, 'mapping.saved');
  res.redirect(303, `${page}/${mapping.sobject}/fields/${field.name}`);
}

function idOf(parameter: unknown): number {
  const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).safeParse(parameter);
  if (!id.success) throw new NotFound();
  return id.data;
}
