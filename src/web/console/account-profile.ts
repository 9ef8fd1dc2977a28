import type { Account, Opportunity } from '../../accounts/accounts.ts';
import type { HealthChange } from '../../health/health.ts';
import { type Reason, urgentPriorities } from '../../health/penalties.ts';
import { sentenceOf } from '../../health/reasons.ts';
import { headlineOf, type Insight } from '../../insights/insights.ts';
import type { License } from '../../licenses/licenses.ts';
import { now } from '../../platform/clock.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';

import { healthChart, trendOf } from './health-chart.ts';
import { recordUrl } from './record-url.ts';

interface Profile {
  account: Account;
  history: readonly HealthChange[];
  licenses: readonly License[];
  opportunities: readonly Opportunity[];
}

const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

/** What an account's profile shows beside its rows: links, charts, and what has to be worked out first. */
export function presented({ account, history, licenses, opportunities }: Profile) {
  const today = now().toISOString().slice(0, 10);
  const shown = licenses.map((license) => shownLicense(license, today));
  return {
    chart: healthChart(history, now()),
    trend: trendOf(history, now()),
    sentence: (reason: Reason) => sentenceOf(reason, t, formats.date),
    headline: (insight: Insight) => headlineOf(insight, t),
    recordUrl: recordUrl('Account', account.id),
    caseUrl: (id: string) => recordUrl('Case', id),
    websiteUrl: webAddress(account.website),
    urgent: urgentPriorities,
    pipeline: amountOf(opportunities.filter(({ isClosed }) => !isClosed)),
    currentLicenses: shown.filter(({ isCurrent }) => isCurrent),
    earlierLicenses: shown.filter(({ isCurrent }) => !isCurrent),
    fields: furtherFields(account),
    hours: (seconds: number) =>
      t('accounts.usage.hoursOf', { hours: formats.number(Math.round(seconds / 360) / 10) }),
  };
}

/** Salesforce keeps web sites as people typed them; only http and https become a link. */
function webAddress(typed: string | null): string | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(typed ?? '') ? (typed ?? '') : `https://${typed ?? ''}`);
  return url && /^https?:$/.test(url.protocol) && url.hostname.includes('.') ? url.href : undefined;
}

/** A license is called by its product; edition and version are said where the product's name does not. */
function shownLicense(license: License, today: string) {
  const product = license.product ?? license.kind ?? license.name;
  const further = [license.edition, license.version].filter(
    (part) => part !== null && !product.includes(part),
  );
  const isOver = license.status === 'Replaced' || license.status === 'Revoked';
  return {
    ...license,
    title: [product, ...further].join(' '),
    isCurrent: !isOver && (license.supportUntil === null || license.supportUntil >= today),
    isLapsed: !isOver && license.supportUntil !== null && license.supportUntil < today,
  };
}

/** The sum of each currency, most opportunities having one. */
function amountOf(opportunities: readonly Opportunity[]): string {
  const sums = Map.groupBy(opportunities, ({ currency }) => currency);
  return formats.list(
    [...sums].map(([currency, all]) =>
      formats.money(
        all.reduce((sum, one) => sum + (one.amountMinor ?? 0), 0),
        currency,
      ),
    ),
  );
}

/** What Salesforce holds beside the known fields; those that Rapport itself wrote are shown as what they are elsewhere. */
function furtherFields({ attributes }: Account): { name: string; value: string }[] {
  return Object.entries(attributes)
    .filter(([name, value]) => value !== null && value !== '' && !name.startsWith('Rapport_'))
    .map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}
