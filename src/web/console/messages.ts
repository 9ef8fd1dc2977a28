import type { Request, Response } from 'express';
import { z } from 'zod';

import { blankContent } from '../../content/blank.ts';
import {
  archiveMessage, copyMessage, createMessage, mayWrite, messageSeenBy, messagesSeenBy, restoreMessage, versionSeenBy,
} from '../../content/messages.ts'; // prettier-ignore
import { Conflict } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, searchText, uuidOf } from '../../platform/http/parse.ts';
import { localeNames } from '../../platform/locale.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { messageEditorRoutes } from './message-editor.ts';
import { messagePreviewRoutes } from './message-previews.ts';
import { messageVersionRoutes } from './message-versions.ts';

const page = '/console/messages';
const editors = only('csm', 'admin');
const aMessage = { id: 'staff-thing' } as const;

/** What campaigns say: messages, the templates that they begin as, and the editor. */
export const messageRoutes: Route[] = [
  route('get', page, staff(), listMessages),
  route('get', '/console/templates', staff(), listTemplates),
  route('get', `${page}/new`, editors(), showNew),
  route('post', `${page}/new`, editors(), submitting(create, showNew)),
  ...messageEditorRoutes,
  ...messagePreviewRoutes,
  ...messageVersionRoutes,
  route('post', `${page}/:id/copies`, editors(aMessage), copy),
  route('post', `${page}/:id/templates`, editors(aMessage), makeTemplate),
  route('post', `${page}/:id/archivals`, editors(aMessage), archive),
  route('post', `${page}/:id/restorations`, editors(aMessage), restore),
];

const IndexQuery = z.object({
  q: searchText,
  format: z.enum(['mjml', 'html', 'text']).optional().catch(undefined),
  archived: z.literal('yes').optional().catch(undefined),
});

async function listMessages(req: Request, res: Response): Promise<void> {
  await renderList(req, res, 'message');
}

async function listTemplates(req: Request, res: Response): Promise<void> {
  await renderList(req, res, 'template');
}

async function renderList(req: Request, res: Response, kind: 'message' | 'template'): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = IndexQuery.parse(req.query);
  const found = await messagesSeenBy(viewer, {
    kind,
    search: asked.q,
    isArchived: asked.archived !== undefined,
  });
  const messages = found
    .filter(({ format }) => asked.format === undefined || format === asked.format)
    .map((message) => ({
      ...message,
      errors: message.problems.filter(({ severity }) => severity === 'error').length,
      warnings: message.problems.filter(({ severity }) => severity === 'warning').length,
      languages: message.locales.map((each) => localeNames[each]),
    }));
  res.render('console/messages/index', {
    kind, messages, asked, mayEdit: mayWrite(viewer), here: kind === 'message' ? page : '/console/templates',
    isFiltered: asked.q !== '' || asked.format !== undefined || asked.archived !== undefined,
  }); // prettier-ignore
}

const from = z.object({ from: z.guid().optional().catch(undefined) });

async function showNew(req: Request, res: Response): Promise<void> {
  const templates = await messagesSeenBy(staffViewerOf(req), { kind: 'template' });
  res.render('console/messages/new', { templates, chosen: from.parse(req.query).from });
}

/** What a message begins as: one of the templates, or nothing but a format. */
const New = z.object({
  name: line(120),
  description: z.string().trim().max(300).default(''),
  start: z.union([z.enum(['mjml', 'html', 'text']), z.guid()], 'messages.errors.start'),
});

async function create(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { name, description, start } = parse(New, req.body);
  const content =
    start === 'mjml' || start === 'html' || start === 'text'
      ? await blankContent(start)
      : (await versionSeenBy(viewer, start)).content;
  const id = await createMessage(viewer, { name, description, content });
  res.redirect(303, `${page}/${id}`);
}

async function copy(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id, name } = await messageSeenBy(viewer, uuidOf(req.params.id));
  const copied = await copyMessage(viewer, id, copyName(name));
  flash(res, 'messages.copied');
  res.redirect(303, `${page}/${copied}`);
}

const copyName = (name: string): string => `${name.slice(0, 110)} (copy)`;

/** A template of one's own, which begins as a copy of a message. */
async function makeTemplate(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id, name, description } = await messageSeenBy(viewer, uuidOf(req.params.id));
  const { content } = await versionSeenBy(viewer, id);
  const made = await createMessage(viewer, { name, description, content }, 'template');
  flash(res, 'messages.templateMade');
  res.redirect(303, `${page}/${made}`);
}

async function archive(req: Request, res: Response): Promise<void> {
  const { id, kind } = await messageSeenBy(req.viewer, uuidOf(req.params.id));
  await archiveMessage(req.viewer, id);
  flash(res, 'messages.archived');
  res.redirect(303, kind === 'template' ? '/console/templates' : page);
}

async function restore(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  try {
    await restoreMessage(req.viewer, id);
    flash(res, 'messages.restored');
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
  res.redirect(303, `${page}/${id}`);
}
