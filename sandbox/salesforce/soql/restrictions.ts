import { ApiError } from '../errors.ts';
import { errorAtLast, malformed } from './source.ts';
import type { Source } from './source.ts';
import { aggregates } from './functions.ts';
import { textOf } from './syntax.ts';
import type { Filter, Select } from './syntax.ts';

/** Refuses what the grammar allows and Salesforce doesn't. @throws ApiError */
export function checkRestrictions(select: Select, source: Source): void {
  if ((select.offset ?? 0) > 2000)
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000');
  if (selectsUnbounded(select) && (select.limit ?? 201) > 200)
    throw malformed('The SOQL FIELDS function must have a LIMIT of at most 200');
  if (select.from.toLowerCase() === 'contentdocumentlink' && !namesFileOrRecord(select.where))
    throw malformed(
      "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
    );
  const children = select.items.filter((item) => item.kind === 'children');
  if (children.length > 20)
    throw malformed('The number of child relationship sub-queries exceeds the maximum of 20');
  checkSemiJoins(select, source);
  for (const child of children) checkChildren(child.select, source);
}

type SemiJoin = Extract<Filter, { kind: 'semi-join' }>;

/** How Salesforce restricts `IN (SELECT …)`: two at most, none in another or in an OR, none on the object itself. */
function checkSemiJoins({ from, where }: Select, source: Source): void {
  const found = semiJoinsIn(where, false);
  for (const { filter, isOptional } of found) {
    const refuse = (message: string) =>
      errorAtLast(source, textOf(filter.left), ['MALFORMED_QUERY', message]);
    if (isOptional) throw refuse("Semi join sub-selects are not allowed with the 'OR' operator");
    if (semiJoinsIn(filter.select.where, false).length > 0)
      throw refuse('Nesting of semi join sub-selects is not supported');
    if (filter.select.from.toLowerCase() === from.toLowerCase())
      throw refuse('The inner and outer selects should not be on the same object type');
  }
  if (found.length > 2) throw malformed('Maximum 2 semi join sub-selects are allowed');
}

function semiJoinsIn(
  filter: Filter | undefined,
  isOptional: boolean,
): { filter: SemiJoin; isOptional: boolean }[] {
  if (filter?.kind === 'semi-join') return [{ filter, isOptional }];
  if (filter?.kind === 'not') return semiJoinsIn(filter.part, isOptional);
  if (filter?.kind !== 'and' && filter?.kind !== 'or') return [];
  return filter.parts.flatMap((part) => semiJoinsIn(part, isOptional || filter.kind === 'or'));
}

/** A sub-query of the SELECT list gives records, never numbers. */
function checkChildren(select: Select, source: Source): void {
  checkSemiJoins(select, source);
  const isCount = select.items.some(
    (item) =>
      item.kind === 'expression' &&
      item.expression.kind === 'call' &&
      aggregates.has(item.expression.name.toUpperCase()),
  );
  if (isCount || select.groupBy.length > 0)
    throw malformed('only root queries support aggregate expressions');
}

/** FIELDS(ALL) and FIELDS(CUSTOM) may bring any number of columns. */
const selectsUnbounded = (select: Select) =>
  select.items.some(
    (item) => item.kind === 'expression' && /^FIELDS\((ALL|CUSTOM)\)$/i.test(textOf(item.expression)),
  );

const fileOrRecord = new Set(['contentdocumentid', 'linkedentityid', 'id']);

function namesFileOrRecord(filter: Filter | undefined): boolean {
  if (filter?.kind === 'and') return filter.parts.some(namesFileOrRecord);
  if (filter?.kind !== 'compare' && filter?.kind !== 'semi-join') return false;
  const isEquality = filter.kind === 'semi-join' ? !filter.negated : ['=', 'IN'].includes(filter.operator);
  return isEquality && fileOrRecord.has(textOf(filter.left).toLowerCase());
}
