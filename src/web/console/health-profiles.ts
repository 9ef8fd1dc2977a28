import type { Request, Response } from 'express';
import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { catalogBeforeHealth } from '../../health/catalog.ts';
import { chooseImpact, impact, impactChoices } from '../../health/impact.ts';
import { coverage, previewDraft } from '../../health/preview.ts';
import {
  changeProfile, createProfile, moveProfile, type Profile, type ProfileDraft, profileOf, profiles, profileVersions, restoreVersion, switchProfile,
} from '../../health/profiles.ts'; // prettier-ignore
import { published } from '../../health/published.ts';
import { ranks } from '../../health/ranks.ts';
import { components, kindOf, readingNames } from '../../health/readings.ts';
import { MOST } from '../../health/settings.ts';
import { Conflict, Invalid, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { type SubmittedForm, submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { describe } from '../../rules/describe.ts';
import { labelsOf } from '../../rules/labels.ts';
import { everybody } from '../../rules/rules.ts';
import { stackedRows } from '../charts/stacked.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { draftIn, PLACES } from './health-profile-form.ts';
import { builderOf } from './rule-builder.ts';

const page = '/console/health-profiles';
const admin = only('admin');
const aProfile = { id: 'staff-thing' } as const;

/** How accounts are judged: for all staff to read, for administrators to change (HE9, HE12, HE16 to HE21). */
export const healthProfileRoutes: Route[] = [
  route('get', page, staff(), listProfiles),
  route('post', `${page}/impact`, admin(), useImpact),
  route('get', `${page}/new`, admin(), showNew),
  route('post', `${page}/new`, admin(), submitting(create, showNew)),
  route('post', `${page}/previews`, admin(), showPreview),
  route('get', `${page}/:id`, staff(aProfile), showProfile),
  route('get', `${page}/:id/edit`, admin(aProfile), showEdit),
  route('post', `${page}/:id/edit`, admin(aProfile), submitting(change, showEdit)),
  route('post', `${page}/:id/moves`, admin(aProfile), move),
  route('post', `${page}/:id/switches`, admin(aProfile), turn),
  route('post', `${page}/:id/restorations`, admin(aProfile), restore),
];

const t = translator('en', 'console');

async function listProfiles(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [all, covered, chosen, choices] = await Promise.all([
    profiles(),
    coverage(viewer),
    impact(),
    impactChoices(),
  ]);
  res.render('console/health-profiles/index', {
    profiles: await Promise.all(all.map(shown)),
    coverage: covered,
    impact: { chosen, choices },
    components: components.map((component) => ({
      component,
      readings: readingNames.filter((name) => kindOf(name).component === component),
    })),
    mayEdit: hasRole(viewer, 'admin'),
    maySettle: hasRole(viewer, 'csm', 'admin'),
  });
}

const Field = z.object({ field: z.string().trim().max(255).default('') });

async function useImpact(req: Request, res: Response): Promise<void> {
  const { field } = parse(Field, req.body);
  await chooseImpact(staffViewerOf(req), field === '' ? null : field);
  flash(res, 'healthProfiles.impact.saved');
  res.redirect(303, page);
}

/** A profile with its rule in words. */
async function shown(profile: Profile) {
  return { ...profile, ...published(profile), rule: await ruleInWords(profile.appliesTo) };
}

async function ruleInWords(rule: Profile['appliesTo']): Promise<string | undefined> {
  if (rule === null) return undefined;
  const catalog = await catalogBeforeHealth();
  return describe(rule, { catalog, labels: await labelsOf([rule], catalog) });
}

async function showProfile(req: Request, res: Response): Promise<void> {
  const profile = await profileOf(idOf(req.params.id));
  const versions = await profileVersions(profile.id);
  res.render('console/health-profiles/show', {
    profile: await shown(profile),
    versions: await Promise.all(
      versions.map(async (one) => ({
        ...one,
        published: published({ ...profile, ...one }),
        rule: await ruleInWords(one.appliesTo),
      })),
    ),
    mayEdit: hasRole(req.viewer, 'admin'),
  });
}

async function showNew(req: Request, res: Response): Promise<void> {
  await showForm(req, res, await newProfile());
}

/** A new profile begins as a copy of the default. */
async function newProfile(): Promise<Profile> {
  const standard = (await profiles()).find(({ appliesTo }) => appliesTo === null);
  if (standard === undefined) throw new NotFound();
  return { ...standard, id: 0, version: 0, name: '', appliesTo: everybody };
}

async function showEdit(req: Request, res: Response): Promise<void> {
  await showForm(req, res, await profileOf(idOf(req.params.id)));
}

/** The form with everything a profile can read, and what `draft` would change; a new profile has the id 0. */
async function showForm(
  req: Request,
  res: Response,
  profile: Profile,
  draft: ProfileDraft = profile,
): Promise<void> {
  const { id, appliesTo, settings } = profile;
  const preview = await previewDraft(staffViewerOf(req), draft, id === 0 ? undefined : id);
  res.render('console/health-profiles/form', {
    profile,
    isNew: id === 0,
    builder: appliesTo === null ? undefined : builderOf(await catalogBeforeHealth(), 'account'),
    groups: components.map((component) => ({
      component,
      rows: readingNames
        .filter((name) => kindOf(name).component === component)
        .map((reading) => ({
          reading,
          unit: kindOf(reading).unit,
          indicator: settings.indicators.find((one) => one.reading === reading),
        })),
    })),
    flags: [...settings.flags, ...Array.from({ length: PLACES.free }, () => undefined)].slice(0, MOST.flags),
    conditionPlaces: Array.from({ length: PLACES.conditions }, (_, nth) => nth),
    readingNames,
    most: MOST,
    ...drawn(preview),
  });
}

const idAndVersion = z.object({ version: z.coerce.number().int().min(0) });

async function create(req: Request, res: Response): Promise<void> {
  const draft = draftIn(bodyOf(req), await catalogBeforeHealth(), 'ruled');
  if (isTrial(req)) {
    await showTrial(req, res, await newProfile(), draft);
    return;
  }
  const id = await createProfile(staffViewerOf(req), draft);
  flash(res, 'healthProfiles.created');
  res.redirect(303, `${page}/${String(id)}`);
}

async function change(req: Request, res: Response): Promise<void> {
  const profile = await profileOf(idOf(req.params.id));
  const draft = draftIn(bodyOf(req), await catalogBeforeHealth(), kindOfProfile(profile));
  const { version } = parse(idAndVersion, req.body);
  if (isTrial(req)) {
    await showTrial(req, res, profile, draft);
    return;
  }
  try {
    await changeProfile(staffViewerOf(req), { id: profile.id, version }, draft);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    throw new Invalid({ form: 'healthProfiles.errors.changedMeanwhile' });
  }
  flash(res, 'healthProfiles.saved');
  res.redirect(303, `${page}/${String(profile.id)}`);
}

/** Without scripts, a button shows the form again with what it would change. */
const isTrial = (req: Request): boolean => bodyOf(req).act === 'preview';

async function showTrial(req: Request, res: Response, profile: Profile, draft: ProfileDraft): Promise<void> {
  res.locals.form = { values: bodyOf(req), errors: {} } satisfies SubmittedForm;
  await showForm(req, res, profile, draft);
}

const kindOfProfile = ({ appliesTo }: Profile) => (appliesTo === null ? 'default' : 'ruled');

/** What the form would change if it were saved now: a fragment of HTML. What is wrong with it has status 422. */
async function showPreview(req: Request, res: Response): Promise<void> {
  const { id } = parse(z.object({ id: z.coerce.number().int().min(0).catch(0) }), req.body);
  const profile = id === 0 ? undefined : await profileOf(id);
  try {
    const which = profile === undefined ? 'ruled' : kindOfProfile(profile);
    const draft = draftIn(bodyOf(req), await catalogBeforeHealth(), which);
    const preview = await previewDraft(staffViewerOf(req), draft, profile?.id);
    res.render('console/health-profiles/preview', drawn(preview));
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    res.status(422).render('console/health-profiles/unfinished', { fields: error.fields });
  }
}

function drawn(preview: Awaited<ReturnType<typeof previewDraft>>) {
  const item = (name: 'before' | 'after') => ({
    label: t(`healthProfiles.preview.${name}`),
    values: ranks.map((rank) => preview[name][rank]),
  });
  const chart = stackedRows({
    items: [item('before'), item('after')],
    parts: ranks.map((rank) => ({ label: t(`health.${rank}`), tone: rank })),
    heads: [t('healthProfiles.preview.when'), t('healthProfiles.preview.accounts')],
  });
  return { preview, previewChart: chart };
}

async function move(req: Request, res: Response): Promise<void> {
  const id = idOf(req.params.id);
  const { way } = parse(z.object({ way: z.enum(['up', 'down']) }), req.body);
  await moveProfile(staffViewerOf(req), id, way);
  flash(res, 'healthProfiles.moved');
  res.redirect(303, page);
}

async function turn(req: Request, res: Response): Promise<void> {
  const id = idOf(req.params.id);
  const { to } = parse(z.object({ to: z.enum(['on', 'off']) }), req.body);
  await switchProfile(staffViewerOf(req), id, to);
  flash(res, to === 'on' ? 'healthProfiles.turnedOn' : 'healthProfiles.turnedOff');
  res.redirect(303, page);
}

async function restore(req: Request, res: Response): Promise<void> {
  const id = idOf(req.params.id);
  const { version } = parse(idAndVersion, req.body);
  await restoreVersion(staffViewerOf(req), id, version);
  flash(res, 'healthProfiles.restored', { values: { version } });
  res.redirect(303, `${page}/${String(id)}`);
}

const bodyOf = (req: Request): Record<string, unknown> => (req.body ?? {}) as Record<string, unknown>;

function idOf(parameter: unknown): number {
  const id = z.coerce.number().int().positive().max(2_147_483_647).safeParse(parameter);
  if (!id.success) throw new NotFound();
  return id.data;
}
