import type { Request, Response } from 'express';
import { z } from 'zod';

import { changeCampaign } from '../../campaigns/definition/campaigns.ts';
import {
  type CohortPreset,
  cohortPresets,
  gateFigures,
  type Holds,
  MOST_COHORTS,
} from '../../campaigns/definition/rollout.ts';
import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { showErrors } from '../../platform/http/forms.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { describe } from '../../rules/describe.ts';
import type { Catalog } from '../../rules/fields.ts';
import { type Labels, labelsOf } from '../../rules/labels.ts';
import type { Rule } from '../../rules/rules.ts';
import { issuesOf } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { campaignPage, unlessConflict } from './campaign-page.ts';
import {
  acted,
  type CohortDraft,
  draftFrom,
  draftOf,
  presetDraft,
  type RolloutDraft,
  rolloutFrom,
} from './campaign-rollout-form.ts';
import { holdsTold } from './campaign-rollout-told.ts';
import { onward } from './campaign-steps.ts';
import { builderOf } from './rule-builder.ts';

const page = '/console/campaigns';
const editors = only('csm', 'admin');
const aCampaign = { id: 'staff-thing' } as const;
const t = translator('en', 'console');

/** Whether a campaign goes out in cohorts, and in which. Adding, moving and taking out are acts on a form that comes back changed. */
export const campaignRolloutRoutes: Route[] = [
  route('get', `${page}/:id/rollout`, editors(aCampaign), showRollout),
  route('post', `${page}/:id/rollout`, editors(aCampaign), unlessConflict(save)),
  route('post', `${page}/:id/rollout/drafts`, editors(aCampaign), act),
  route('post', `${page}/:id/rollout/removals`, editors(aCampaign), unlessConflict(remove)),
];

type Shown = Awaited<ReturnType<typeof campaignPage>>;

const shownTo = async (req: Request): Promise<Shown> =>
  await campaignPage(staffViewerOf(req), uuidOf(req.params.id));

async function showRollout(req: Request, res: Response): Promise<void> {
  const shown = await shownTo(req);
  const rollout = shown.campaign.policy.rollout ?? null;
  await render(res, {
    shown,
    draft: rollout === null ? undefined : draftOf(rollout, zoneOf(req, shown)),
    isSaved: true,
  });
}

const Act = z.object({ act: z.string().max(40).catch(''), preset: z.string().max(40).catch('') });

async function act(req: Request, res: Response): Promise<void> {
  const shown = await shownTo(req);
  const { act: wanted, preset } = Act.parse(req.body ?? {});
  const draft =
    wanted === 'begin'
      ? presetDraft(zoneOf(req, shown))
      : acted(draftFrom(req.body), wanted === 'add' ? `add:${preset}` : wanted);
  await render(res, { shown, draft, isSaved: false, open: openAfter(wanted, draft) });
}

/** The cohort that an act was about, where it stands now. */
function openAfter(act: string, { cohorts }: RolloutDraft): number | undefined {
  const [verb, place] = act.split(':');
  if (verb === 'add') return cohorts.length - 1;
  return verb === 'up' ? Number(place) - 1 : verb === 'down' ? Number(place) + 1 : undefined;
}

/** The zone of its schedule, else that of whoever writes it. */
const zoneOf = (req: Request, { campaign: { trigger } }: Shown): string =>
  'zone' in trigger ? trigger.zone : staffViewerOf(req).timeZone;

async function save(req: Request, res: Response): Promise<void> {
  const shown = await shownTo(req);
  const { campaign } = shown;
  const draft = draftFrom(req.body);
  try {
    const rollout = rolloutFrom(draft, await wholeCatalog());
    await changeCampaign(staffViewerOf(req), campaign.id, { policy: { ...campaign.policy, rollout } });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    await render(res, { shown, draft, isSaved: false, errors: error.fields });
    return;
  }
  onward(req, res, 'rollout');
}

async function remove(req: Request, res: Response): Promise<void> {
  const { campaign } = await shownTo(req);
  await changeCampaign(staffViewerOf(req), campaign.id, { policy: { ...campaign.policy, rollout: null } });
  flash(res, 'campaigns.rollout.removed');
  res.redirect(303, `${page}/${campaign.id}/rollout`);
}

interface Rendered {
  shown: Shown;
  draft: RolloutDraft | undefined;
  /** Whether this is what is kept. */
  isSaved: boolean;
  errors?: Record<string, string>;
  /** The cohort that is open. */
  open?: number | undefined;
}

async function render(res: Response, { shown, draft, isSaved, errors, open }: Rendered): Promise<void> {
  const catalog = await wholeCatalog();
  const rules = (draft?.cohorts ?? []).map((cohort) => ruleOf(cohort, catalog));
  const labels = await labelsOf(rules.filter((rule) => rule !== undefined), catalog); // prettier-ignore
  showErrors(res, ruleTexts(draft), errors ?? {});
  res.status(errors === undefined ? 200 : 422).render('console/campaigns/rollout', {
    ...shown, draft, isSaved, mayAdd: (draft?.cohorts.length ?? 0) < MOST_COHORTS, figures: gateFigures, builder: builderOf(catalog, 'person'),
    cohorts: (draft?.cohorts ?? []).map((cohort, i) => ({ ...cohort, told: toldOf(cohort, rules[i], { catalog, labels }), isOpen: i === open || isWrong(i, errors) })),
    presets: (Object.keys(cohortPresets) as CohortPreset[]).map((value) => ({ value, label: t(`campaigns.rollout.presets.${value}`) })),
    zones: Intl.supportedValuesOf('timeZone'),
  }); // prettier-ignore
}

/** What was typed as a rule, which a builder shows again even where it cannot be read. */
const ruleTexts = (draft: RolloutDraft | undefined): Record<string, string> =>
  Object.fromEntries(
    (draft?.cohorts ?? []).flatMap(({ kind, rule }, i) =>
      kind === 'rule' ? [[`rule${String(i)}`, rule]] : [],
    ),
  );

function ruleOf({ kind, rule }: CohortDraft, catalog: Catalog): Rule | undefined {
  if (kind === 'share') return undefined;
  try {
    const read: unknown = JSON.parse(rule);
    return issuesOf(read, catalog, 'person').length === 0 ? (read as Rule) : undefined;
  } catch {
    return undefined;
  }
}

function toldOf(
  { kind, percent }: CohortDraft,
  rule: Rule | undefined,
  telling: { catalog: Catalog; labels: Labels },
): string {
  if (kind === 'rule' && rule === undefined) return t('campaigns.rollout.unsaid');
  const holds: Holds = kind === 'share' ? { kind, percent: Number(percent) } : { kind, rule };
  return holdsTold(holds, (one) => describe(one as Rule, telling));
}

/** Whether something of a cohort is wrong: then it is open. */
const isWrong = (place: number, errors: Record<string, string> = {}): boolean =>
  Object.keys(errors).some((field) => /^[a-z]+(\d+)(\.|$)/.exec(field)?.[1] === String(place));
