import { translator } from '../../platform/words.ts';
import type { Rule } from '../../rules/rules.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { route, type Route, staff } from '../guards.ts';

import { designCharts } from './design-charts.ts';
import { builderOf } from './rule-builder.ts';

/** A rule that has something of everything. */
const sampleRule: Rule = {
  all: [
    { field: 'account.status', op: 'is', value: ['paying'] },
    { field: 'usage.fall', with: { of: 'people', days: 14 }, op: 'atLeast', value: 30 },
    {
      any: [
        { field: 'account.nextRenewalOn', op: 'withinNext', value: 90 },
        { field: 'account.contractValue', op: 'atLeast', value: 20_000 },
        {
          field: 'account.cases',
          with: { where: { field: 'case.isOpen', op: 'is', value: true } },
          op: 'atLeast',
          value: 2,
        },
      ],
    },
  ],
};

/** The design system on one page: what everything on every surface is made of. */
export const designRoutes: Route[] = [
  route('get', '/console/design', staff(), async (_req, res) => {
    res.render('console/design/show', {
      charts: designCharts(translator('en', 'console')),
      builder: builderOf(await wholeCatalog(), 'account'),
      rule: sampleRule,
    });
  }),
];
