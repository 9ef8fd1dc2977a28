import type { Request, Response } from 'express';

import { contextOf, type Context } from '../salesforce/context.ts';
import { isId, toLongId } from '../salesforce/records/ids.ts';
import { mergeable } from '../salesforce/records/merge.ts';
import type { SObject } from '../salesforce/schema/catalog.ts';
import { canvasOn } from './canvas.ts';
import { maybeHealthPanel } from './health.ts';
import type { Layout } from './layouts.ts';
import { recordPath } from './paths.ts';
import { labelOf, maybeRecord, readRelated } from './reading.ts';
import { readActivity, readCaseFeed } from './timeline.ts';
import { isReadable, shown, titleOf, type Format, type RecordJson, type Shown } from './values.ts';
import { maybeLayout } from './viewer.ts';

/** A record that was found for the viewer, with how it is laid out. */
export interface Found {
  ctx: Context;
  layout: Layout;
  sobject: SObject;
  record: RecordJson;
  id: string;
}

/** Finds the record of `/lightning/r/:object/:id/…` among those that the viewer may see; otherwise answers 404 itself. */
export async function findRecord(req: Request, res: Response): Promise<Found | undefined> {
  const ctx = contextOf(req);
  const given = String(req.params.id);
  const layout = maybeLayout(String(req.params.object));
  const sobject = layout && ctx.org.catalog.find(layout.object);
  if (layout && sobject && isId(given) && ctx.org.security.may(ctx.user, 'read', sobject)) {
    const id = toLongId(given);
    const names = [
      ...(sobject.field('IsConverted') ? ['IsConverted'] : []),
      ...layout.highlights,
      ...layout.sections.flatMap((section) => section.fields),
    ];
    const record = await maybeRecord(ctx, sobject, id, names);
    if (record) return { ctx, layout, sobject, record, id };
  }
  res.status(404).render('crm/missing');
  return undefined;
}

/** GET /lightning/r/:object/:id/view */
export async function showRecord(req: Request, res: Response): Promise<void> {
  const found = await findRecord(req, res);
  if (found) await renderRecord(found, res, {});
}

/** Renders a record's page, with what was typed into a form and refused, if anything. */
export async function renderRecord(found: Found, res: Response, refused: { action?: string; typed?: Record<string, string>; problem?: string }): Promise<void> {
  const { ctx, layout, sobject, record, id } = found;
  const format = res.locals.format as Format;
  const isCase = sobject.name === 'Case';
  const isAccount = sobject.name === 'Account';
  const by = activityField(sobject.name);
  const [related, feed, activity, health, canvas] = await Promise.all([
    Promise.all(layout.related.map((list) => readRelated(ctx, format, { list, id, limit: 8 }))),
    isCase ? readCaseFeed(ctx, id) : undefined,
    by ? readActivity(ctx, id, by) : undefined,
    isAccount ? maybeHealthPanel(ctx, id) : undefined,
    isAccount ? canvasOn(ctx, res) : [],
  ]);
  res.render('crm/record', {
    layout,
    sobject,
    record,
    id,
    name: titleOf(sobject, record),
    highlights: layout.highlights.flatMap((name) => fieldOf(found, format, name)),
    sections: layout.sections.map(({ title, fields }) => ({ title, fields: fields.flatMap((name) => fieldOf(found, format, name)) })).filter(({ fields }) => fields.length > 0),
    related: related.filter((list) => list !== undefined),
    feed,
    activity,
    health,
    canvas,
    ...rightsOf(found),
    refused,
  });
} // prettier-ignore

/** What the viewer may do with the record. A converted lead is only looked at. */
function rightsOf({ ctx, sobject, record }: Found) {
  const { security } = ctx.org;
  const isOver = record.IsConverted === true;
  const mayEdit = security.may(ctx.user, 'edit', sobject) && sobject.updateable && !isOver;
  const mayDelete = security.may(ctx.user, 'delete', sobject) && sobject.deletable && sobject.name !== 'User';
  return {
    mayEdit,
    mayDelete,
    mayMerge: mayEdit && mayDelete && mergeable.has(sobject.name),
    mayConvert: mayEdit && sobject.name === 'Lead',
    isOver,
  };
}

function activityField(object: string): 'AccountId' | 'WhatId' | 'WhoId' | undefined {
  if (object === 'Account') return 'AccountId';
  if (object === 'Opportunity') return 'WhatId';
  return object === 'Contact' || object === 'Lead' ? 'WhoId' : undefined;
}

function fieldOf(
  { ctx, sobject, record }: Found,
  format: Format,
  name: string,
): { label: string; value: Shown | undefined }[] {
  if (!isReadable(ctx, sobject, name)) return [];
  const value = shown(format, sobject, record, name);
  return [
    {
      label: labelOf(sobject, name),
      value: value?.kind === 'record' ? { kind: 'text', text: value.text } : value,
    },
  ];
}

/** GET /lightning/r/:object/:id/related/:list/view: a related list in full, as far as one reads such a list. */
export async function showRelated(req: Request, res: Response): Promise<void> {
  const found = await findRecord(req, res);
  if (!found) return;
  const { ctx, layout, sobject, record, id } = found;
  const list = layout.related.find(({ title }) => slugOf(title) === req.params.list);
  const related = list && (await readRelated(ctx, res.locals.format as Format, { list, id, limit: 500 }));
  const name = titleOf(sobject, record);
  if (related) res.render('crm/related', { layout, sobject, id, name, related });
  else res.status(404).render('crm/missing');
}

/** A related list in an address: `Related Contacts` is `RelatedContacts`. */
export const slugOf = (title: string): string => title.replaceAll(' ', '');

/** GET /:id, as links into Salesforce have it: to the record's page. */
export function redirectToRecord(req: Request, res: Response): void {
  const ctx = contextOf(req);
  const id = toLongId(String(req.params.id));
  const sobject = ctx.org.catalog.ofId(id);
  if (sobject && maybeLayout(sobject.name)) res.redirect(302, recordPath(sobject.name, id));
  else res.status(404).render('crm/missing');
}
