import { z } from 'zod';

import { matchIndexes } from '../salesforce/records/matching.ts';
import { keepRule } from '../salesforce/schema/rules.ts';

import type { Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { DuplicateRule } from '../salesforce/schema/rules.ts';

const action = z.enum(['alert', 'block', 'allow']);
const form = z.strictObject({
  /** `Contact`: all rules of an object; or one by its name. */
  object: z.string().optional(),
  rule: z.string().optional(),
  active: z.boolean().optional(),
  action: action.optional(),
  onInsert: action.optional(),
  onUpdate: action.optional(),
  message: z.string().optional(),
});

/** GET and POST /duplicate-rules: which there are; `{object?, rule?, active?, action?, onInsert?, onUpdate?, message?}` switches them. */
export function duplicateRuleRoutes(router: Router, org: Org): void {
  router.get('/duplicate-rules', (_req, res) => {
    res.json(rulesOf(org));
  });
  router.post('/duplicate-rules', async (req, res) => {
    const { object, rule: name, active, message, ...actions } = form.parse(req.body);
    const chosen = rulesOf(org).filter(
      (rule) =>
        (object === undefined || rule.sobject === object) && (name === undefined || rule.name === name),
    );
    for (const rule of chosen) {
      const next: DuplicateRule = {
        ...rule,
        active: active ?? rule.active,
        message: message ?? rule.message,
        onInsert: actions.onInsert ?? actions.action ?? rule.onInsert,
        onUpdate: actions.onUpdate ?? actions.action ?? rule.onUpdate,
      };
      await keepRule(org.pool, 'duplicate', next);
      if (next.active) await indexMatches(org, next);
    }
    await org.rules.reload();
    res.status(chosen.length > 0 ? 200 : 404).json(rulesOf(org));
  });
}

const rulesOf = (org: Org): DuplicateRule[] =>
  org.catalog.objects().flatMap(({ name }) => org.rules.of('duplicate', name));

async function indexMatches(org: Org, { matches }: DuplicateRule): Promise<void> {
  for (const { sobject, rule: name } of matches)
    for (const rule of org.rules.of('matching', sobject).filter((each) => each.name === name))
      for (const statement of matchIndexes(org.catalog, rule)) await org.pool.query(statement);
}
