import { sql } from '../platform/db.ts';
import { type Choice, type Field, ofAccountRow } from '../rules/fields.ts';
import { conditionsOf, type Rule } from '../rules/rules.ts';

import { riskLevels } from './risk.ts';

const tagsThatExist = sql<Choice>`select name as value, name as label from tags order by lower(name) limit 500`;

/** Shared lists: whoever may write a rule may name them. Own ones are checked when a rule is saved. */
const segmentsOf = (entity: 'account' | 'person') => sql<Choice>`
  select id::text as value, name as label from segments
  where entity = ${entity} and is_shared and archived_at is null order by lower(name) limit 500`;

/** What a rule may ask about tags, risk and being in other lists. */
export const segmentFields: readonly Field[] = [
  {
    name: 'account.tags', entity: 'account', type: 'tags', group: 'tags', isKnown: true, offers: tagsThatExist,
    sql: () => sql`array(select t.tag from account_tags t where t.account_id = a.id)`,
  },
  {
    name: 'account.taggedOn', entity: 'account', type: 'date', group: 'tags',
    parameters: [{ name: 'tag', type: 'choice', offers: tagsThatExist }],
    sql: ({ given }) => sql`
      (select t.at::date from account_tags t where t.account_id = a.id and t.tag = ${given.text('tag')}::text)`,
  },
  {
    name: 'account.risk', entity: 'account', type: 'choice', group: 'tags', choices: riskLevels,
    sql: ofAccountRow('account_risk', 'level'),
  },
  {
    name: 'account.riskSince', entity: 'account', type: 'date', group: 'tags',
    sql: (asked) => sql`(${ofAccountRow('account_risk', 'at')(asked)})::date`,
  },
  ...(['account', 'person'] as const).flatMap((entity): Field[] => {
    const id = entity === 'account' ? sql`a.id` : sql`p.id::text`;
    return [
      {
        name: `${entity}.segments`, entity, type: 'tags', group: 'segments', isKnown: true, offers: segmentsOf(entity),
        sql: () => sql`array(
          select m.segment_id::text from segment_members m where m.account_id = a.id and m.entity_id = ${id})`,
      },
      {
        name: `${entity}.segmentSince`, entity, type: 'date', group: 'segments',
        parameters: [{ name: 'segment', type: 'choice', offers: segmentsOf(entity) }],
        sql: ({ given }) => sql`(
          select m.entered_at::date from segment_members m
          where m.account_id = a.id and m.entity_id = ${id} and m.segment_id::text = ${given.text('segment')}::text)`,
      },
    ];
  }),
]; // prettier-ignore

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The lists that a rule names, each once. */
export function segmentsNamedIn(rule: Rule): string[] {
  const named = conditionsOf(rule).flatMap(({ field, value, with: given }): unknown[] => {
    if (/^(account|person)\.segments$/.test(field)) return [value].flat();
    return /^(account|person)\.segmentSince$/.test(field) ? [given?.segment] : [];
  });
  return [...new Set(named)].filter((id): id is string => typeof id === 'string' && UUID.test(id));
}

/** Whether a rule looks at risk. */
export const looksAtRisk = (rule: Rule): boolean =>
  conditionsOf(rule).some(({ field }) => field === 'account.risk' || field === 'account.riskSince');
