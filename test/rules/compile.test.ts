import { expect, test } from 'vitest';

import { accountFields } from '../../src/accounts/fields.ts';
import { caseFields } from '../../src/cases/fields.ts';
import { licenseFields } from '../../src/licenses/fields.ts';
import { db } from '../../src/platform/db.ts';
import { compile, selecting } from '../../src/rules/compile.ts';
import { aliases, catalogOf, type Entity, type Field } from '../../src/rules/fields.ts';
import { operators, type Argument, type Operator, type Rule, type Value } from '../../src/rules/rules.ts';
import { issuesOf } from '../../src/rules/schema.ts';
import { usageFields } from '../../src/usage/fields.ts';

const catalog = catalogOf(await accountFields(), await licenseFields(), await caseFields(), usageFields());
const today = '2026-03-15';

const operand: Record<string, Value | undefined> = {
  none: undefined, text: 'a%_\\', texts: ['a', "'; drop table accounts --"], number: 3, numbers: [1, 2], date: '2026-02-01',
  dates: ['2026-01-01', '2026-02-01'], days: 30, boolean: true,
}; // prettier-ignore

const argumentsOf = ({ parameters = [] }: Field, everything: boolean): Record<string, Argument> =>
  Object.fromEntries(
    parameters
      .filter(({ isOptional }) => everything || !isOptional)
      .map(({ name, type, choices = [], entity = 'account' }) => {
        const given = { days: 14, text: 'Restore', choice: choices[0] ?? '', rule: questions(entity) };
        return [name, given[type]];
      }),
  );

/** A simple rule about rows of that kind. */
const questions = (entity: Entity): Rule => ({
  any: [
    { field: { account: 'account.name', person: 'person.email', license: 'license.edition', case: 'case.status', opportunity: 'opportunity.stage' }[entity], op: 'known' },
    { field: { account: 'account.licenses', person: 'person.cases', license: 'license.product', case: 'case.age', opportunity: 'opportunity.amount' }[entity], op: 'unknown' },
  ],
}); // prettier-ignore

test('every field answers every operator of its type, with and without what it may be given', async () => {
  for (const field of catalog.values())
    for (const [op, kind] of Object.entries(operators[field.type]))
      for (const everything of [true, false]) {
        const value = field.choices && kind === 'texts' ? [...field.choices] : operand[kind];
        const condition = {
          field: field.name,
          op: op as Operator,
          with: argumentsOf(field, everything),
          ...(value === undefined ? {} : { value }),
        };
        const rule: Rule = inRule(field.entity, condition);
        const entity = field.entity === 'person' ? 'person' : 'account';
        expect(issuesOf(rule, catalog, entity)).toEqual([]);
        await selecting(rule, { entity, catalog, today }).execute(db);
      }
  expect(catalog.size).toBeGreaterThan(70);
});

const counting = { license: 'account.licenses', case: 'account.cases', opportunity: 'account.opportunities' };

/** Of rows that no rule selects, an account is asked. */
const inRule = (entity: Entity, condition: Rule): Rule =>
  entity === 'account' || entity === 'person'
    ? condition
    : { field: counting[entity], with: { where: condition }, op: 'atLeast', value: 1 };

test('a rule about people may ask of their account', () => {
  const rule: Rule = { field: 'account.name', op: 'contains', value: 'North' };
  expect(issuesOf(rule, catalog, 'person')).toEqual([]);
  expect(compile(rule, { entity: 'person', catalog, today }).sources).toBeDefined();
  expect(Object.keys(aliases)).toContain('person');
});
