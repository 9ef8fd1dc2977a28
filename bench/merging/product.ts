import { build } from '../../src/content/build.ts';
import { compile } from '../../src/content/compiled.ts';
import { renderOne } from '../../src/content/content.ts';
import type { SegmentTable } from '../../src/content/document.ts';
import { catalogs, globalValues } from '../../src/content/merge-fields.ts';
import { tableDrawer } from '../../src/content/segment-table.ts';
import { mergeOne } from '../../src/content/values.ts';
import { dayOf } from '../../src/content/values-told.ts';

import { begin, end, licenses, RECIPIENTS, short, values } from './mail.ts';

const table: SegmentTable = {
  of: 'licenses', reach: 'siblings', isOfAllAccounts: false, limit: 5, hasTotals: false, emptyText: '',
  columns: [{ field: 'account.name' }, { field: 'license.seats' }, { field: 'license.supportUntil' }],
  sort: { field: 'license.supportUntil', direction: 'ascending' },
}; // prettier-ignore

/** Makes the n-th recipient's values of the slots. */
export async function productMerge(): Promise<(n: number) => unknown> {
  const { table: catalog } = await catalogs();
  const content = {
    format: 'html' as const, defaultLocale: 'en' as const, weights: [1], tables: { due: table },
    variants: [{ locale: 'en' as const, variant: 0, subject: 'For {{ person.firstName | default: "you" }}', preheader: '', text: short, body: `${begin}{% table "due" %}${end}` }],
  }; // prettier-ignore
  const { built, problems } = await build(content);
  const { parts } = compile({ messageId: '', version: 1, name: '', content, built, problems });
  const part = parts.get('en/0');
  if (part === undefined) throw new Error('no part');
  const shared = globalValues();
  const draw = tableDrawer({ table, catalog, locale: 'en' });
  const recipients = Array.from({ length: RECIPIENTS }, (_, i) => ({
    scope: { ...shared, today: dayOf('2026-01-15'), ...values(i) },
    data: {
      rows: licenses(i).map(({ name, seats, until }) => [name, seats, dayOf(until)]),
      total: 5,
      totals: [null, null, null],
    },
  }));
  const hooks = { link: () => '', unsubscribe: () => '', preferences: () => '' };
  const merge = (i: number) => {
    const { scope, data } = recipients[i % RECIPIENTS] ?? {
      scope: {},
      data: { rows: [], total: 0, totals: [] },
    };
    const shown = { due: draw(data) };
    return mergeOne(part, { ...scope, shown }, { n: i, hooks });
  };
  const first = renderOne(part, merge(1)).html;
  if (!first.includes('Ada 1 &lt;&amp;&gt;') || !first.includes('Sibling 1 &quot;4&quot;'))
    throw new Error(`not merged: ${first}`);
  return merge;
}
