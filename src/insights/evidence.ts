import { formatsFor } from '../platform/formats.ts';
import { translator } from '../platform/words.ts';
import { describe } from '../rules/describe.ts';
import type { Catalog } from '../rules/fields.ts';
import { choiceTold } from '../rules/describe.ts';

import type { Evidence } from './milestones.ts';

/** Staff and Salesforce's people read it in English. */
const t = translator('en', 'console');
const { number, money, date, list } = formatsFor('en', 'UTC');

/** What a milestone stands on, a sentence a condition: what was asked, and what was found. */
export function evidenceTold(evidence: readonly Evidence[], catalog: Catalog): string[] {
  return evidence.map(({ condition, value }) => {
    const asked = capitalized(describe(condition, { catalog, t }));
    const found = value === null ? undefined : valueTold({ condition, value }, catalog);
    return found === undefined ? asked : t('insights.evidence', { asked, found });
  });
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function valueTold({ condition, value }: Evidence, catalog: Catalog): string | undefined {
  const field = catalog.get(condition.field);
  if (field === undefined || value === null || typeof value === 'boolean') return undefined;
  if (field.type === 'choice') return undefined;
  if (Array.isArray(value)) return list(value);
  if (typeof value === 'number') return field.type === 'money' ? money(value) : number(Math.round(value * 10) / 10);
  return field.type === 'date' ? date(value) : choiceTold(value, field, t);
} // prettier-ignore
