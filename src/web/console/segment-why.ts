import type { Request, Response } from 'express';

import { formatsFor } from '../../platform/formats.ts';
import { salesforceIdOf, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { conditionTold, type Telling, valueShown } from '../../rules/describe.ts';
import type { Explanation } from '../../rules/explain.ts';
import { isAll, isCondition, isNot } from '../../rules/rules.ts';
import { explainMembership } from '../../segments/membership.ts';
import { segmentSeenBy } from '../../segments/segments.ts';
import { type Route, route, staff } from '../guards.ts';

import { numberOf } from './tags.ts';

/** “Why is this account in this list?”: each condition of the rule, whether it holds, and what it looked at. */
export const segmentWhyRoutes: Route[] = [
  route(
    'get',
    '/console/segments/:id/members/:member',
    staff({ id: 'staff-thing', member: 'staff-thing' }),
    showWhy,
  ),
];

/** A part of the rule, ready to be shown: a condition with what is known, or a group of parts. */
export interface ShownPart {
  holds: boolean | null;
  said: string;
  /** What the condition looked at; undefined in a group. */
  value: string | undefined;
  parts: ShownPart[];
}

/* The console speaks English. */
const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

async function showWhy(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const segment = await segmentSeenBy(viewer, uuidOf(req.params.id));
  const isPerson = segment.entity === 'person';
  const member = isPerson ? String(numberOf(req.params.member)) : salesforceIdOf(req.params.member);
  const { explanation, catalog, labels, ...found } = await explainMembership(viewer, segment, member);
  res.render('console/segments/why', {
    segment,
    ...found,
    href: isPerson ? `/console/people/${member}` : `/console/accounts/${member}`,
    holds: explanation.holds === true,
    parts: partsShown(explanation, { catalog, labels, t, formats }),
  });
}

/** The rule itself is a list of parts mostly: they stand on the page side by side. */
export function partsShown(
  explanation: Explanation,
  telling: Required<Telling>,
): { word: string; parts: ShownPart[] } {
  const shown = partShown(explanation, telling);
  return shown.parts.length === 0 ? { word: '', parts: [shown] } : { word: shown.said, parts: shown.parts };
}

function partShown({ rule, holds, value, parts }: Explanation, telling: Required<Telling>): ShownPart {
  if (isCondition(rule))
    return { holds, said: conditionTold(rule, telling), value: valueShown(value, rule, telling), parts: [] };
  const word = isNot(rule) ? 'not' : isAll(rule) ? 'all' : 'any';
  return {
    holds,
    said: t(`segments.because.${word}`),
    value: undefined,
    parts: parts.map((part) => partShown(part, telling)),
  };
}
