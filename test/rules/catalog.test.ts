import { expect, test } from 'vitest';

import { db, sql } from '../../src/platform/db.ts';
import { translator } from '../../src/platform/words.ts';
import { compileAll, existing, subjects } from '../../src/rules/compile.ts';
import { describe as told } from '../../src/rules/describe.ts';
import type { Entity, Field } from '../../src/rules/fields.ts';
import { choicesOf } from '../../src/rules/labels.ts';
import {
  type Argument, leadsBack, operators, type Operator, type Rule, type Value,
} from '../../src/rules/rules.ts'; // prettier-ignore
import { issuesOf } from '../../src/rules/schema.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';

/* Of every field that any capability offers. */

await sql`insert into sync_states (sobject, table_name, position, field_types) values
  ('Account', 'accounts', 1, '{"Region__c": "picklist", "Score__c": "double", "Is_VIP__c": "boolean", "Renewed__c": "date", "Topics__c": "multipicklist"}'),
  ('Case', 'cases', 2, '{"Root_Cause__c": "string"}'), ('Contact', 'contacts', 3, '{"Met__c": "datetime"}')`.execute(
  db,
);
const catalog = await wholeCatalog();
const fields = [...catalog.values()];
const today = '2026-03-15';

const operand: Record<string, Value | undefined> = {
  none: undefined, text: 'a%_\\', texts: ['a', "'; drop table accounts --"], number: 3, numbers: [1, 2], date: '2026-02-01',
  dates: ['2026-01-01', '2026-02-01'], days: 30, boolean: true,
}; // prettier-ignore

const given = ({ parameters = [] }: Field, which: 'all' | 'needed'): Record<string, Argument> =>
  Object.fromEntries(
    parameters
      .filter(({ isOptional }) => which === 'all' || !isOptional)
      .map(({ name, type, choices = [], entity = 'account' }) => {
        const values = { days: 14, text: 'Restore', choice: choices[0] ?? 'any', rule: aboutEach[entity] };
        return [name, values[type]];
      }),
  );

/** A simple rule about rows of each kind. */
const aboutEach: Record<Entity, Rule> = {
  account: { field: 'account.licenses', op: 'atLeast', value: 1 },
  person: { any: [{ field: 'person.email', op: 'known' }, { field: 'account.industry', op: 'unknown' }] },
  license: { field: 'license.product', op: 'known' },
  case: { field: 'case.age', op: 'moreThan', value: 3 },
  opportunity: { field: 'opportunity.amount', op: 'atLeast', value: 1000 },
}; // prettier-ignore

/** Each comparison that the field knows. */
const conditionsOn = (field: Field): Rule[] =>
  Object.entries(operators[field.type]).flatMap(([op, kind]) =>
    (['all', 'needed'] as const).map((which) => {
      const value = field.choices && kind === 'texts' ? [...field.choices] : operand[kind];
      return {
        field: field.name,
        op: op as Operator,
        with: given(field, which),
        ...(value === undefined ? {} : { value }),
      };
    }),
  );

const counting = { license: 'account.licenses', case: 'account.cases', opportunity: 'account.opportunities' };

/** Of rows that no rule selects, an account is asked. */
const asked = (entity: Entity, condition: Rule): Rule =>
  entity === 'account' || entity === 'person'
    ? condition
    : { field: counting[entity], with: { where: condition }, op: 'atLeast', value: 1 };

test('every field answers every operator of its type, with and without what it may be given', async () => {
  expect(fields.length).toBeGreaterThan(100);
  for (const field of fields) {
    const rules = conditionsOn(field).map((condition) => asked(field.entity, condition));
    const entity = field.entity === 'person' ? 'person' : 'account';
    for (const rule of rules) expect(issuesOf(rule, catalog, entity), JSON.stringify(rule)).toEqual([]);
    for (const among of [undefined, sql`select 'A'`]) {
      const { sources, conditions } = compileAll(rules, { entity, catalog, today, among });
      await sql`select ${sql.join(conditions)} from ${subjects(entity)} ${sources} where ${existing({ among })}`
        .execute(db)
        .catch((error: unknown) => expect.fail(`${field.name}: ${String(error)}`));
    }
  }
});

test('every field has words, its group has, and one that is given something is told in a phrase', () => {
  const t = translator('en', 'console');
  const has = (key: string) => t(key, { defaultValue: '' }) !== '';
  const missing = fields.flatMap(({ name, label, group, parameters = [], choices = [] }) => [
    ...(label === undefined && !has(`fields.${name}`) ? [`fields.${name}`] : []),
    ...(has(`fields.groups.${group}`) ? [] : [`fields.groups.${group}`]),
    ...(parameters.length > 0 && !has(`fields.phrases.${name}`) ? [`fields.phrases.${name}`] : []),
    ...parameters.flatMap((each) => (has(`rules.parameters.${each.name}.label`) ? [] : [each.name])),
    ...choices.filter((choice) => !has(`fields.choices.${choice}`)),
  ]);
  expect(missing).toEqual([]);
});

test('every field that offers values can list them', async () => {
  for (const field of fields)
    for (const one of [field, ...(field.parameters ?? [])])
      expect(await choicesOf(one), field.name).toBeInstanceOf(Array);
});

test('a rule is told as a sentence', () => {
  const sentence = (rule: Rule) => told(rule, { catalog });
  expect(sentence({ all: [] })).toBe('everybody');
  expect(
    sentence({
      all: [
        { field: 'account.industry', op: 'is', value: ['Retail', 'Banking'] },
        { any: [{ field: 'account.openCases', op: 'atLeast', value: 2 }, { not: { field: 'account.website', op: 'known' } }] },
      ],
    }),
  ).toBe('industry is Retail or Banking and (open cases at least 2 or not website is known)');
  expect(
    sentence({ field: 'usage.times', with: { action: 'Restore', module: 'Server', days: 14 }, op: 'atLeast', value: 3 }),
  ).toBe('did “Restore” in “Server” at least 3 times within 14 days');
  expect(sentence({ field: 'usage.fall', with: { of: 'people', days: 14 }, op: 'atLeast', value: 50 })).toBe(
    'people fell by at least 50 % within 14 days',
  );
  expect(
    sentence({
      field: 'account.people',
      with: { where: { all: [{ field: 'person.title', op: 'contains', value: 'Admin' }] } },
      op: 'atLeast',
      value: 2,
    }),
  ).toBe('has at least 2 people where job title contains “Admin”');
  expect(sentence({ field: 'account.contractValue', op: 'moreThan', value: 20_000 })).toBe(
    'contract value a year more than $20,000.00',
  );
  expect(sentence({ field: 'account.attributes.Gone__c', op: 'known' })).toContain('no longer there');
}); // prettier-ignore

test('a new field of the org can be asked for once it has been described', () => {
  expect(catalog.get('account.attributes.Is_VIP__c')).toMatchObject({ type: 'boolean', label: 'Is VIP' });
  expect(catalog.get('person.attributes.Met__c')).toMatchObject({ type: 'date', entity: 'person' });
});

test('what refers to itself over others is found', () => {
  const refersTo = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['d'] } as Record<string, string[]>;
  const of = (id: string) => refersTo[id] ?? [];
  expect([leadsBack('a', of), leadsBack('d', of), leadsBack('x', of)]).toEqual([true, true, false]);
  expect(leadsBack('e', (id) => (id === 'e' ? ['a'] : of(id)))).toBe(false);
});

test.each([
  [{ all: [{ field: 'account.name', op: 'is' }] }, ['all', 0, 'value'], 'missing'],
  [{ all: [{ field: 'account.name', op: 'is', value: 'x', sql: '1' }] }, ['all', 0, 'sql'], 'unknownKey'],
  [{ any: [] }, ['any'], 'emptyGroup'],
  [{ not: { any: 'x' } }, ['not', 'any'], 'notAList'],
  [{ field: 'person.name', op: 'known' }, ['field'], 'otherEntity'],
  [{ field: 'account.nme', op: 'known' }, ['field'], 'unknownField'],
  [{ field: 'account.name', op: 'atLeast', value: 1 }, ['op'], 'unknownOperator'],
  [{ field: 'account.name', op: 'known', value: 1 }, ['value'], 'noValue'],
  [{ field: 'account.status', op: 'is', value: ['rich'] }, ['value'], 'notAChoice'],
  [{ field: 'account.employees', op: 'between', value: [9, 1] }, ['value'], 'wrongOrder'],
  [{ field: 'account.createdOn', op: 'on', value: '2026-02-30' }, ['value'], 'notADate'],
  [{ field: 'account.createdOn', op: 'withinPast', value: 1e9 }, ['value'], 'notDays'],
  [
    { field: 'usage.change', op: 'atMost', value: 1, with: { of: 'x', days: 1 } },
    ['with', 'of'],
    'notAChoice',
  ],
  [{ field: 'usage.change', op: 'atMost', value: 1, with: { of: 'people' } }, ['with', 'days'], 'missing'],
  [
    { field: 'account.people', op: 'atLeast', value: 1, with: { where: { field: 'case.age', op: 'known' } } },
    ['with', 'where', 'field'],
    'otherEntity',
  ],
])('%j is refused with its place', (rule, path, problem) => {
  expect(issuesOf(rule, catalog, 'account')).toEqual([{ path, key: `rules.errors.${problem}` }]);
});

test('a rule is neither deeper nor larger than the limits say', () => {
  const condition = { field: 'account.name', op: 'known' };
  const nested = (depth: number): unknown => (depth === 0 ? condition : { all: [nested(depth - 1)] });
  expect(issuesOf(nested(5), catalog, 'account')).toEqual([]);
  expect(issuesOf(nested(6), catalog, 'account')[0]?.key).toBe('rules.errors.tooDeep');
  expect(issuesOf(nested(5000), catalog, 'account')[0]?.key).toBe('rules.errors.tooDeep');
  const wide = { any: Array.from({ length: 11 }, () => ({ all: Array(10).fill(condition) as unknown[] })) };
  expect(issuesOf(wide, catalog, 'account')).toEqual([{ path: [], key: 'rules.errors.tooMany' }]);
  const many = { field: 'account.name', op: 'is', value: Array(201).fill('a') as string[] };
  expect(issuesOf(many, catalog, 'account')[0]?.key).toBe('rules.errors.tooManyValues');
});
