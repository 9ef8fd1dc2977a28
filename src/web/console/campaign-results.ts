import type { Request, Response } from 'express';
import { z } from 'zod';

import { isOfRule } from '../../campaigns/definition/goals.ts';
import {
  type CampaignResults, comparedCampaigns, type Effect, HEALTH_DAYS, reachedByDay, RENEWAL_DAYS, resultsOf,
} from '../../campaigns/results/results.ts'; // prettier-ignore
import { judgeVariants, winnerMeasures } from '../../campaigns/results/variants.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { line } from '../charts/line.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { campaignPage } from './campaign-page.ts';
import { letterOf } from './message-preview.ts';

const page = '/console/campaigns';
const t = translator('en', 'console');

/** What campaigns came to: beside each other, and one by itself. */
export const campaignResultRoutes: Route[] = [
  route('get', `${page}/results`, staff(), compare),
  route('get', `${page}/:id/results`, staff({ id: 'staff-thing' }), showResults),
];

const spans = [30, 90, 365] as const;

const Query = z.object({
  days: z.coerce
    .number()
    .refine((days) => (spans as readonly number[]).includes(days))
    .catch(90),
  by: z.enum(winnerMeasures).catch('clicked'),
});

async function compare(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { days } = Query.parse(req.query);
  const [campaigns, reached] = await Promise.all([
    comparedCampaigns(viewer, days),
    reachedByDay(viewer, days),
  ]);
  const rows = campaigns.map(({ measured, ...row }) => ({ ...row, goal: goalShown(measured?.goal ?? null) }));
  res.render('console/campaigns/results', {
    rows, spans, days, reached: reached.at(-1)?.total ?? 0, chart: chartOf(reached),
  }); // prettier-ignore
}

async function showResults(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await campaignPage(viewer, uuidOf(req.params.id));
  const { days, by } = Query.parse(req.query);
  const [results, reached] = await Promise.all([
    resultsOf(viewer, shown.campaign.id),
    reachedByDay(viewer, days, shown.campaign.id),
  ]);
  const variants = judgeVariants(results?.variants ?? [], by);
  res.render('console/campaigns/outcome', {
    ...shown, days, spans, by, measures: winnerMeasures, measuredAt: results?.measuredAt,
    goal: goalShown(results?.goal ?? null), effects: results === undefined ? [] : effectsOf(results),
    variants: {
      ...variants,
      leader: variants.leader === undefined ? undefined : letterOf(variants.leader),
      variants: variants.variants.map((one) => ({ ...one, letter: letterOf(one.variant), told: rateTold(one.rate) })),
    },
    reached: reached.at(-1)?.total ?? 0, chart: chartOf(reached), effectDays: { health: HEALTH_DAYS, renewal: RENEWAL_DAYS },
  }); // prettier-ignore
}

const days = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

const chartOf = (reached: readonly { day: string; total: number }[]) =>
  reached.at(-1)?.total === 0
    ? undefined
    : line({
        labels: reached.map(({ day }) => days.format(new Date(day))),
        head: t('campaignResults.day'),
        series: [
          {
            label: t('campaignResults.reachedSoFar'),
            tone: 'accent',
            values: reached.map(({ total }) => total),
          },
        ],
      });

const percents = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const points = new Intl.NumberFormat('en', { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

const rateTold = ({ low, high }: { low: number; high: number }): string =>
  t('campaignResults.between', { low: percents.format(low), high: percents.format(high) });

function goalShown(goal: CampaignResults['goal']) {
  if (goal === null) return undefined;
  const { definition, sent, rate, before, effect } = goal;
  return {
    name: definition.name, days: definition.days, before, ...sent, rate: rate.value, interval: sent.of === 0 ? '' : rateTold(rate),
    isOfAccounts: !isOfRule(definition) || definition.entity === 'account', effect: effect && shareEffect('goal', effect),
  }; // prettier-ignore
}

interface ShownEffect {
  name: 'goal' | 'health' | 'renewal';
  verdict: Effect['verdict'];
  meant: string;
  held: string;
  people: { meant: number; held: number };
  difference: string;
  between: string;
}

function effectsOf({ goal, health, renewal }: CampaignResults): ShownEffect[] {
  return [
    goal?.effect && shareEffect('goal', goal.effect),
    health && healthEffect(health),
    renewal && shareEffect('renewal', renewal),
  ].filter((effect): effect is ShownEffect => effect !== null && effect !== undefined);
}

const percentage = ({ count, of }: { count: number; of: number }): string =>
  of === 0 ? '–' : percents.format(count / of);

function shareEffect(name: 'goal' | 'renewal', { meant, held, estimate, verdict }: Effect): ShownEffect {
  const { value, low, high } = estimate;
  return {
    name, verdict, meant: percentage(meant), held: percentage(held), people: { meant: meant.of, held: held.of },
    difference: points.format(value * 100), between: t('campaignResults.between', { low: points.format(low * 100), high: points.format(high * 100) }),
  }; // prettier-ignore
}

function healthEffect({ meant, held, estimate, verdict }: Effect): ShownEffect {
  const { value, low, high } = estimate;
  const mean = ({ count, of }: { count: number; of: number }) => points.format(count / Math.max(1, of));
  return {
    name: 'health', verdict, meant: mean(meant), held: mean(held), people: { meant: meant.of, held: held.of },
    difference: points.format(value), between: t('campaignResults.between', { low: numbers.format(low), high: numbers.format(high) }),
  }; // prettier-ignore
}
