import {
  type AccountAttribute,
  attributesOf,
  mayEditAttributes,
  textOf,
} from '../../../accounts/account-attributes.ts';

import { formats, t, wholeMoney } from './spoken.ts';
import type { AccountTab } from './tab.ts';

/** An attribute as the page shows it. */
export interface ShownAttribute extends AccountAttribute {
  /** The value as people read it; undefined when there is none. */
  shown: string | undefined;
  text: string;
  href: string | undefined;
}

/** The parts that attributes are shown in. */
export const sections = ['main', 'address', 'custom', 'bookkeeping'] as const;
type Section = (typeof sections)[number];

/** What Salesforce holds of the account, field by field (AP11). */
export const attributesTab: AccountTab = {
  name: 'attributes',
  load: async ({ viewer, account }) => {
    const { attributes } = await attributesOf(viewer, account.id);
    const shown = attributes.map(shownAttribute);
    return {
      sections: sections.map((name) => ({
        name,
        attributes: shown.filter((one) => sectionOf(one) === name),
      })),
      mayEdit: mayEditAttributes(viewer),
      conflicts: shown.flatMap(({ pending }) => (pending?.state === 'conflict' ? [pending.conflictId] : [])),
    };
  },
};

export function sectionOf({ name, isEditable, isCalculated, type }: AccountAttribute): Section {
  if (/^(Billing|Shipping)/.test(name)) return 'address';
  if (name.endsWith('__c')) return 'custom';
  return isEditable || isCalculated || type === 'picklist' ? 'main' : 'bookkeeping';
}

export function shownAttribute(attribute: AccountAttribute): ShownAttribute {
  const { value, type } = attribute;
  const href = type === 'url' && typeof value === 'string' ? webAddress(value) : undefined;
  return {
    ...attribute,
    text: textOf(value),
    shown: value === null ? undefined : spokenValue(attribute),
    href,
  };
}

function spokenValue({ value, type, choices, meaning }: AccountAttribute): string {
  if (typeof value === 'boolean') return t(value ? 'attributes.yes' : 'attributes.no');
  if (typeof value === 'number') return spokenNumber(value, type);
  const text = textOf(value);
  if (type === 'date') return formats.date(text);
  if (type === 'datetime') return formats.dateTime(text);
  return (
    meaning ??
    choices.find((one) => one.value === text)?.label ??
    text.replaceAll(';', type === 'multipicklist' ? ', ' : ';')
  );
}

function spokenNumber(value: number, type: string): string {
  if (type === 'currency') return wholeMoney(Math.round(value * 100));
  return type === 'percent' ? `${formats.number(value)} %` : formats.number(value);
}

/** Salesforce keeps web sites as people typed them; only http and https become a link. */
export function webAddress(typed: string | null): string | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(typed ?? '') ? (typed ?? '') : `https://${typed ?? ''}`);
  return url && /^https?:$/.test(url.protocol) && url.hostname.includes('.') ? url.href : undefined;
}
