import { ApiError } from '../errors.ts';
import { malformed } from './source.ts';
import { textOf } from './syntax.ts';
import type { Filter, Select } from './syntax.ts';

/** Refuses what the grammar allows and Salesforce doesn't. @throws ApiError */
export function checkRestrictions(select: Select): void {
  if ((select.offset ?? 0) > 2000)
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000');
  if (selectsUnbounded(select) && (select.limit ?? 201) > 200)
    throw malformed('The SOQL FIELDS function must have a LIMIT of at most 200');
  if (select.from.toLowerCase() === 'contentdocumentlink' && !namesFileOrRecord(select.where))
    throw malformed(
      "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
    );
  if (select.items.filter((item) => item.kind === 'children').length > 20)
    throw malformed('The number of child relationship sub-queries exceeds the maximum of 20');
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
