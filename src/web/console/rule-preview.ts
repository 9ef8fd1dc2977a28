import type { Request, Response } from 'express';
import { z } from 'zod';

import { notRemoved } from '../../accounts/removals.ts';
import { now } from '../../platform/clock.ts';
import { Unavailable } from '../../platform/errors.ts';
import { parse } from '../../platform/http/parse.ts';
import { describe } from '../../rules/describe.ts';
import { choicesOf, labelsOf } from '../../rules/labels.ts';
import { previewRule } from '../../rules/previews.ts';
import { type RuleIssue, ruleText } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { route, type Route, staff } from '../guards.ts';

/** What the rule builder asks while somebody builds a rule. */
export const rulePreviewRoutes: Route[] = [
  route('post', '/console/rule-previews', staff(), showPreview),
  route('get', '/console/rule-choices', staff(), listChoices),
];

const PreviewForm = z.object({
  entity: z.enum(['account', 'person']).catch('account'),
  rule: z.string().catch(''),
});

/** How many a rule selects now, with a sample: a fragment of HTML. What is wrong with it has status 422. */
async function showPreview(req: Request, res: Response): Promise<void> {
  const { entity, rule: text } = parse(PreviewForm, req.body);
  const catalog = await wholeCatalog();
  const read = ruleText(catalog, entity).safeParse(text);
  if (!read.success) {
    const issues: RuleIssue[] = read.error.issues.map(({ path, message }) => ({
      path: path.filter((step) => typeof step !== 'symbol'),
      key: message,
    }));
    res.status(422).render('console/rule-previews/issues', { issues });
    return;
  }
  const today = now().toISOString().slice(0, 10);
  try {
    const question = { entity, catalog, today, where: notRemoved('a.id') };
    const preview = await previewRule(req.viewer, read.data, question, goneWith(res));
    const sentence = describe(read.data, { catalog, labels: await labelsOf([read.data], catalog) });
    res.render('console/rule-previews/show', { entity, sentence, ...preview });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    res.status(503).render('console/rule-previews/late');
  }
}

/** The builder gives up on a count when its rule has changed: then nobody waits for the answer. */
function goneWith(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  return gone.signal;
}

const ChoicesQuery = z.object({
  field: z.string().catch(''),
  parameter: z.string().optional().catch(undefined),
});

/** The values that exist for a field, or for one of its parameters; none for a field that there is no longer. */
async function listChoices(req: Request, res: Response): Promise<void> {
  const { field: name, parameter } = parse(ChoicesQuery, req.query);
  const field = (await wholeCatalog()).get(name);
  const asked = parameter === undefined ? field : field?.parameters?.find((each) => each.name === parameter);
  res.json(await choicesOf(asked));
}
