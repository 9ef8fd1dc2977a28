import { translator } from '../platform/words.ts';
import { nameOf } from '../rules/describe.ts';
import type { Field } from '../rules/fields.ts';
import type { FieldType } from '../rules/rules.ts';

import { catalogs, globals, systemLinks } from './merge-fields.ts';

/** A merge field as somebody picks it. */
export interface PickedField {
  /** What is written: `person.firstName`. */
  name: string;
  label: string;
  /** Under which heading it is found. */
  group: string;
  type: FieldType | 'link';
  /** Whether some people have no value of it, so that something should stand in its place. */
  needsFallback: boolean;
}

/** Every merge field, by groups, in the order of the catalog: the recipient first, then their account. */
export async function mergeFields(): Promise<PickedField[]> {
  const { merge } = await catalogs();
  const t = translator('en', 'console');
  const group = (name: string) => t(`fields.groups.${name}`, { defaultValue: name });
  const fields = [...merge.values()].map((field): PickedField => ({
    name: field.name,
    label: nameOf(field, t),
    group: group(field.group),
    type: field.type,
    needsFallback: field.isKnown !== true,
  }));
  const others = [...Object.keys(globals), ...systemLinks].map((name): PickedField => ({
    name,
    label: nameOf({ name }, t),
    group: group('message'),
    type: name.startsWith('links.') ? 'link' : name === 'today' ? 'date' : 'text',
    needsFallback: false,
  }));
  return [...fields.toSorted(peopleFirst), ...others];
}

const peopleFirst = (one: PickedField, other: PickedField): number =>
  Number(other.name.startsWith('person.')) - Number(one.name.startsWith('person.'));

/** The fields that a table of these objects may have as columns: theirs first, then their account's. */
export async function columnFields(
  entity: Field['entity'],
): Promise<Pick<PickedField, 'name' | 'label' | 'group' | 'type'>[]> {
  const { table } = await catalogs();
  const t = translator('en', 'console');
  return [...table.values()]
    .filter(
      (field) =>
        (field.entity === entity || field.entity === 'account') &&
        (field.parameters ?? []).every(({ isOptional }) => isOptional),
    )
    .toSorted((one, other) => Number(other.entity === entity) - Number(one.entity === entity))
    .map((field) => ({
      name: field.name,
      label: nameOf(field, t),
      group: t(`fields.groups.${field.group}`, { defaultValue: field.group }),
      type: field.type,
    }));
}
