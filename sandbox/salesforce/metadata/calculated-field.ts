import { asList, asObject, asText } from '../soap/envelope.ts';

import type { Field, Summary, SummaryFilter } from '../schema/catalog.ts';

type Metadata = Record<string, unknown>;

/** What `<formula>` or `<summaryOperation>` makes of a field: nobody writes it, and it is empty for nobody's lack. */
export function calculation(metadata: Metadata): Partial<Field> {
  const formula = asText(metadata.formula);
  if (formula === undefined && metadata.summaryOperation === undefined) return {};
  const readOnly = {
    calculated: true, createable: false, updateable: false, nillable: true, unique: false, externalId: false,
    defaultValue: null, defaultedOnCreate: false,
  }; // prettier-ignore
  if (formula === undefined) return { ...readOnly, summary: summaryOf(metadata), precision: 18 };
  const markup = /\b(HYPERLINK|IMAGE)\s*\(/i.test(formula);
  return {
    ...readOnly,
    formula,
    formulaTreatBlanksAs: asText(metadata.formulaTreatBlanksAs) === 'BlankAsBlank' ? 'BlankAsBlank' : 'BlankAsZero',
    ...(asText(metadata.type) === 'Text' && { length: 1300, htmlFormatted: markup }),
  };
} // prettier-ignore

function summaryOf(metadata: Metadata): Summary {
  const [child = '', foreignKey = ''] = (asText(metadata.summaryForeignKey) ?? '').split('.');
  const field = asText(metadata.summarizedField)?.split('.').at(-1);
  return {
    operation: (asText(metadata.summaryOperation) ?? 'count') as Summary['operation'],
    child,
    foreignKey,
    field: field ?? null,
    filters: asList(metadata.summaryFilterItems).map((each) => filterOf(asObject(each))),
  };
}

const filterOf = (item: Metadata): SummaryFilter => ({
  field: (asText(item.field) ?? '').split('.').at(-1) ?? '',
  operation: asText(item.operation) ?? 'equals',
  value: asText(item.value) ?? '',
});
