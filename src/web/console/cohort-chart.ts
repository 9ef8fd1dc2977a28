import { translator } from '../../platform/words.ts';
import type { Cohort, CohortKind } from '../../usage/cohorts.ts';
import type { Tone } from '../charts/figures.ts';
import { stackedRows } from '../charts/stacked.ts';

const t = translator('en', 'console');
const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

const parts: readonly [name: 'daily' | 'weekly' | 'occasionally' | 'inactive' | 'never', tone: Tone][] = [
  ['daily', 'good'],
  ['weekly', 'accent'],
  ['occasionally', 'average'],
  ['inactive', 'poor'],
  ['never', 'muted'],
];

/** What a cohort is called on the page. */
export function cohortName({ name }: Cohort, kind: CohortKind): string {
  if (name === null) return t(kind === 'began' ? 'people.neverBegan' : 'people.unknown');
  if (kind === 'began') return month.format(new Date(`${name}-01`));
  const words = { stage: 'stages', status: 'statuses', size: 'lists.sizes' }[kind as string];
  return words === undefined ? name : t(`${words}.${name}`, { defaultValue: name });
}

/** How often the people of each cohort come, as shares of all of them. */
export const cohortChart = (cohorts: readonly Cohort[], kind: CohortKind) =>
  stackedRows({
    items: cohorts.map((cohort) => ({
      label: cohortName(cohort, kind),
      values: parts.map(([name]) => cohort[name]),
    })),
    parts: parts.map(([name, tone]) => ({ label: t(`people.frequencies.${name}`), tone })),
    heads: [t(`people.by.${kind}`), t('people.people')],
    length: 'whole',
  });
