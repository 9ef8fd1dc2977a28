import { z } from 'zod';

import { HOUR, now } from '../../clock.ts';
import { db, sql } from '../../db.ts';
import { log } from '../../log.ts';
import { spending } from '../budget/budget.ts';
import { send } from '../wire/connection.ts';

/* What Salesforce says of an object's fields, kept, so that pages that show or change them need no answer of Salesforce. */

/** A field as people know it in Salesforce. */
export interface DescribedField {
  name: string;
  label: string;
  type: string;
  isUpdateable: boolean;
  isCalculated: boolean;
  /** It may not be emptied. */
  isRequired: boolean;
  /** Longest text; 0 where it does not apply. */
  length: number;
  /** Digits before the point and after it. */
  digits: number;
  scale: number;
  /** What may be chosen; others are refused when `isRestricted`. */
  choices: { value: string; label: string }[];
  isRestricted: boolean;
  refersTo: string[];
}

const Field = z
  .object({
    name: z.string(),
    label: z.string(),
    type: z.string(),
    updateable: z.boolean().default(false),
    calculated: z.boolean().default(false),
    nillable: z.boolean().default(true),
    length: z.number().default(0),
    precision: z.number().default(0),
    digits: z.number().default(0),
    scale: z.number().default(0),
    restrictedPicklist: z.boolean().default(false),
    picklistValues: z
      .array(z.object({ value: z.string(), label: z.string().nullish(), active: z.boolean().default(true) }))
      .nullish(),
    referenceTo: z.array(z.string()).nullish(),
  })
  .transform((given): DescribedField => ({
    name: given.name,
    label: given.label,
    type: given.type,
    isUpdateable: given.updateable,
    isCalculated: given.calculated,
    isRequired: !given.nillable && given.type !== 'boolean',
    length: given.length,
    digits: given.digits > 0 ? given.digits : Math.max(0, given.precision - given.scale),
    scale: given.scale,
    choices: (given.picklistValues ?? [])
      .filter(({ active }) => active)
      .map(({ value, label }) => ({ value, label: label ?? value })),
    isRestricted: given.restrictedPicklist,
    refersTo: given.referenceTo ?? [],
  }));

const Description = z.object({ fields: z.array(Field) });

/** After so long a description is asked for again; Salesforce's own clients keep theirs for a day. */
const FRESH = HOUR;

/** The fields as they were described last; empty when they never were. */
export async function describedFields(sobject: string): Promise<DescribedField[]> {
  return (await keptDescription(sobject))?.fields ?? [];
}

/**
 * The fields as they are described now, or within the last hour. When Salesforce does not answer, as it described them last.
 * @returns undefined when nothing was ever described and Salesforce does not answer
 */
export async function freshFields(sobject: string): Promise<DescribedField[] | undefined> {
  const kept = await keptDescription(sobject);
  if (kept && now().getTime() - kept.describedAt.getTime() < FRESH) return kept.fields;
  try {
    return await describeNow(sobject);
  } catch (error) {
    log.info({ err: error, sobject }, 'fields are shown as they were described before');
    return kept?.fields;
  }
}

async function keptDescription(
  sobject: string,
): Promise<{ fields: DescribedField[]; describedAt: Date } | undefined> {
  const { rows } = await sql<{ fields: DescribedField[]; describedAt: Date }>`
    select fields, described_at as "describedAt" from described_fields where sobject = ${sobject}`.execute(
    db,
  );
  return rows[0];
}

async function describeNow(sobject: string): Promise<DescribedField[]> {
  const { body } = await spending('setup', () =>
    send({ path: `/sobjects/${sobject}/describe`, timeout: 8_000 }),
  );
  const { fields } = Description.parse(body);
  await sql`
    insert into described_fields (sobject, fields, described_at) values (${sobject}, ${JSON.stringify(fields)}, ${now()})
    on conflict (sobject) do update set (fields, described_at) = (excluded.fields, excluded.described_at)`.execute(
    db,
  );
  return fields;
}

/** The type of every readable field of an object, as the mirror knows it without asking. */
export async function fieldTypesOf(sobject: string): Promise<Record<string, string>> {
  const { rows } = await sql<{ types: Record<string, string> }>`
    select field_types as types from sync_states where sobject = ${sobject}`.execute(db);
  return rows[0]?.types ?? {};
}
