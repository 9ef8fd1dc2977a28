import type { Request, Response } from 'express';
import { z } from 'zod';

import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import {
  lifecycleMatches, lifecyclePhases, lifecycleTemplates, makeTrackFromTemplate, type ShownTemplate,
} from '../../tracks/lifecycle/lifecycle.ts'; // prettier-ignore
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { stepsOf } from './track-draft.ts';
import { draftOf } from './track-draft-form.ts';
import { flowOf } from './track-flow.ts';
import { editors, page } from './track-page.ts';
import { namesFor } from './track-told.ts';

const templates = `${page}/templates`;
const aTemplate = { code: 'staff-thing' } as const;

/** The lifecycle cases (LM1–LM20), ready to begin with: whom each is for now, and what it does. */
export const trackTemplateRoutes: Route[] = [
  route('get', templates, staff(), listTemplates),
  route('get', `${templates}/matches`, staff(), showMatches),
  route('get', `${templates}/:code`, staff(aTemplate), showTemplate),
  route('post', `${templates}/:code/tracks`, editors(aTemplate), submitting(make, showTemplate)),
];

async function listTemplates(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const all = await lifecycleTemplates(viewer);
  res.render('console/tracks/templates', { groups: groupsOf(all), matches: undefined });
}

/** The same with how many people each is for: asked for once the page is there. */
async function showMatches(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [all, matches] = await Promise.all([lifecycleTemplates(viewer), lifecycleMatches(viewer)]);
  res.render('console/tracks/matches', { groups: groupsOf(all), matches });
}

const groupsOf = (all: readonly ShownTemplate[]) =>
  lifecyclePhases.map((phase) => ({
    phase,
    templates: all
      .filter((template) => template.phase === phase)
      .map((template) => ({
        ...template,
        kinds: stepsOf(draftOf(template.definition).steps).map(({ kind }) => kind),
      })),
  }));

async function templateOf(req: Request): Promise<ShownTemplate> {
  const all = await lifecycleTemplates(staffViewerOf(req));
  const template = all.find(({ code }) => code === req.params.code);
  if (template === undefined) throw new NotFound();
  return template;
}

async function showTemplate(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const template = await templateOf(req);
  const draft = draftOf(template.definition);
  const names = await namesFor(viewer, [draft]);
  res.render('console/tracks/template', {
    template,
    flow: flowOf(draft, names),
    mayEdit: mayEditCampaigns(viewer),
  });
}

/* An address that is left empty is the portal's, which only a merge field can say. */
const Typed = z.record(z.string().max(60), z.string().max(2000).catch(''));

async function make(req: Request, res: Response): Promise<void> {
  const { code, parameters } = await templateOf(req);
  const typed = Typed.catch({}).parse(req.body ?? {});
  const set = Object.fromEntries(
    parameters.map(({ name, kind, value }) => [name, kind === 'link' && typed[name]?.trim() === '' ? value : (typed[name] ?? value)]),
  ); // prettier-ignore
  const id = await makeTrackFromTemplate(req.viewer, code, set);
  flash(res, 'tracks.templates.made');
  res.redirect(303, `${page}/${id}/edit`);
}
