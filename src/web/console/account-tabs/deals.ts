import { type Opportunity, opportunitiesOf } from '../../../accounts/accounts.ts';
import { type License, licensesOf } from '../../../licenses/licenses.ts';
import { now } from '../../../platform/clock.ts';

import { formats } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** What the account bought, and what is being sold to it. */
export const dealsTab: AccountTab = {
  name: 'deals',
  load: async ({ viewer, account }) => {
    const [opportunities, licenses] = await Promise.all([
      opportunitiesOf(viewer, account.id),
      licensesOf(viewer, account.id),
    ]);
    const today = now().toISOString().slice(0, 10);
    const shown = licenses.map((license) => shownLicense(license, today));
    return {
      opportunities,
      pipeline: amountOf(opportunities.filter(({ isClosed }) => !isClosed)),
      licenses,
      currentLicenses: shown.filter(({ isCurrent }) => isCurrent),
      earlierLicenses: shown.filter(({ isCurrent }) => !isCurrent),
    };
  },
};

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
