import type { Policy } from '../../campaigns/definition/policy.ts';
import {
  type Begins,
  type Gate,
  gateFigures,
  type Holds,
  rulesOf,
} from '../../campaigns/definition/rollout.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';
import { describe } from '../../rules/describe.ts';
import { labelsOf } from '../../rules/labels.ts';
import type { Rule } from '../../rules/rules.ts';
import { wholeCatalog } from '../../segments/catalog.ts';

const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

type Rollout = Policy['rollout'];

/** How the rules of these rollouts are told. */
export async function rulesTold(...rollouts: (Rollout | undefined)[]): Promise<(rule: unknown) => string> {
  const rules = rollouts
    .flatMap((rollout) => rulesOf(rollout ?? { cohorts: [] }))
    .map(({ rule }) => rule as Rule);
  if (rules.length === 0) return () => '';
  const catalog = await wholeCatalog();
  const labels = await labelsOf(rules, catalog);
  return (rule) => describe(rule as Rule, { catalog, labels });
}

/** Whom a cohort holds, in words. */
export const holdsTold = (holds: Holds, ruleTold: (rule: unknown) => string): string =>
  holds.kind === 'share' ? t('campaigns.rollout.byLot', { percent: holds.percent }) : ruleTold(holds.rule);

/** A rollout as one line of what a campaign is. */
export function rolloutTold(rollout: Rollout | undefined, ruleTold: (rule: unknown) => string): string {
  if (rollout === null || rollout === undefined) return t('campaigns.says.noRollout');
  const cohorts = rollout.cohorts.map(({ name, holds }) =>
    t('campaigns.says.cohort', { name, holds: holdsTold(holds, ruleTold) }),
  );
  return t('campaigns.says.rollout', {
    cohorts: [...cohorts, rollout.rest].join(t('campaigns.says.then')),
    rules: rolloutRules(rollout),
  });
}

/** What lies between two cohorts: hours, when one may begin, and what has it go on. */
export const rolloutRules = ({ waitHours, begins, gate }: NonNullable<Rollout>): string =>
  t('campaigns.says.rolloutRules', { count: waitHours, begins: beginsTold(begins), gate: gateTold(gate) });

function beginsTold(begins: Begins | null): string {
  if (begins === null) return t('campaigns.says.beginAnyTime');
  const { weekdays, from, until, zone } = begins;
  const days = formats.list(weekdays.toSorted().map((day) => t(`campaigns.when.days.${String(day)}`)));
  return from === 0 && until === 24
    ? t('campaigns.says.beginDays', { days, zone })
    : t('campaigns.says.beginHours', { days, from: hour(from), until: hour(until), zone });
}

const hour = (of: number): string => `${String(of).padStart(2, '0')}:00`;

const gateTold = (gate: Gate): string =>
  gate.kind === 'person'
    ? t('campaigns.says.gatePerson')
    : t('campaigns.says.gateLimits', {
        limits: formats.list(
          gateFigures.map((name) =>
            t('campaigns.says.limit', {
              what: t(`campaigns.rollout.limits.${name}`).toLowerCase(),
              percent: formats.number(gate[name]),
            }),
          ),
        ),
      });
