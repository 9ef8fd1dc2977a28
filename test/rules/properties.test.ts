import { beforeAll, describe, expect, test } from 'vitest';

import { accountFields } from '../../src/accounts/fields.ts';
import { caseFields } from '../../src/cases/fields.ts';
import { licenseFields } from '../../src/licenses/fields.ts';
import { db, sql } from '../../src/platform/db.ts';
import { compile, existing, selecting, subjects } from '../../src/rules/compile.ts';
import { describe as told } from '../../src/rules/describe.ts';
import { explain } from '../../src/rules/explain.ts';
import { type Catalog, catalogOf, type Subject } from '../../src/rules/fields.ts';
import { previewRule } from '../../src/rules/previews.ts';
import { operandOf, type Rule } from '../../src/rules/rules.ts';
import { issuesOf } from '../../src/rules/schema.ts';
import { usageFields } from '../../src/usage/fields.ts';
import { type Random, randomFrom } from '../convergence/random.ts';

import { holds } from './evaluate.ts';
import { brokenRule, randomRule } from './random-rule.ts';
import { settle, TODAY, type World, worldOf } from './world.ts';

/** The browser's own model of a rule. */
const model = (await import(new URL('../../public/js/rules/model.js', import.meta.url).href)) as {
  isReadable: (rule: unknown) => boolean;
  read: (rule: Rule, operandOf: unknown) => unknown;
  write: (tree: unknown, operandOf: unknown) => Rule;
};

/* SEED= says where to begin (or which one to repeat, with RUNS=1), RUNS= how many worlds from there on. */
const FIRST = Number(process.env.SEED ?? 1);
const RUNS = Number(process.env.RUNS ?? 2);
const RULES = 150;
const seeds = Array.from({ length: RUNS }, (_, i) => FIRST + i);

describe.each(seeds)('in the world of SEED=%i', (seed) => {
  let world: World;
  let catalog: Catalog;
  let random: Random;

  beforeAll(async () => {
    world = worldOf(seed);
    await settle(world);
    catalog = catalogOf(await accountFields(), await licenseFields(), await caseFields(), usageFields());
    random = randomFrom(seed * 7919);
  });

  const question = (entity: Subject) => ({ entity, catalog, today: TODAY });

  /** Those whom a rule selects, by evaluating it for each of them. */
  const selected = (rule: Rule, entity: Subject): string[] => {
    const deleted = new Set([...world.accounts.filter((row) => row.deleted_at !== null).map(({ id }) => id), ...world.removed]);
    const rows =
      entity === 'account'
        ? world.accounts.filter(({ id }) => !deleted.has(id))
        : world.people.filter((row) => !deleted.has(row.account_id));
    return rows.filter((row) => holds(rule, row, world) === true).map(({ id }) => String(id)).sort();
  }; // prettier-ignore

  const found = async (query: ReturnType<typeof selecting>): Promise<string[]> =>
    (await query.execute(db)).rows.map(({ id }) => id).sort();

  const entityFor = (i: number): Subject => (i % 3 === 0 ? 'person' : 'account');

  test(`${String(RULES)} random rules select whom a second, naive evaluation selects`, async () => {
    let matches = 0;
    for (let i = 0; i < RULES; i += 1) {
      const entity = entityFor(i);
      const rule = randomRule(random, catalog, entity);
      expect(issuesOf(rule, catalog, entity), JSON.stringify(rule)).toEqual([]);
      const expected = selected(rule, entity);
      matches += expected.length;
      expect(await found(selecting(rule, question(entity))), JSON.stringify(rule)).toEqual(expected);
    }
    expect(matches).toBeGreaterThan(RULES);
  });

  test('a rule asked of some accounts alone selects of them whom it selects of all', async () => {
    for (let i = 0; i < 60; i += 1) {
      const entity = entityFor(i);
      const rule = randomRule(random, catalog, entity);
      const some = world.accounts.filter(() => random.happens(0.15)).map(({ id }) => String(id));
      const among = sql`select unnest(${some}::text[])`;
      const all = await found(selecting(rule, question(entity)));
      const own = new Set(
        entity === 'account'
          ? some
          : world.people.filter((row) => some.includes(String(row.account_id))).map(({ id }) => String(id)),
      );
      expect(
        await found(selecting(rule, { ...question(entity), among })),
        JSON.stringify({ rule, some }),
      ).toEqual(all.filter((id) => own.has(id)));
    }
  });

  test('no rule reaches beyond what the viewer may see', async () => {
    const visitor = { kind: 'visitor' } as const;
    for (let i = 0; i < 40; i += 1) {
      const entity = entityFor(i);
      const rule = randomRule(random, catalog, entity);
      const ids = await found(selecting(rule, question(entity), sql<boolean>`a.owner_id = 'U1'`));
      const seen = new Set(world.accounts.filter((row) => row.owner_id === 'U1').map(({ id }) => id));
      const accountOf = (id: string) =>
        entity === 'account' ? id : world.people.find((person) => String(person.id) === id)!.account_id;
      expect(ids.filter((id) => !seen.has(accountOf(id))), JSON.stringify(rule)).toEqual([]);
      expect(await previewRule(visitor, rule, question(entity))).toEqual({ count: 0, sample: [] });
    }
  }); // prettier-ignore

  test('an explanation agrees with the rule, condition by condition', async () => {
    for (let i = 0; i < 40; i += 1) {
      const entity = entityFor(i);
      const rule = randomRule(random, catalog, entity);
      const rows = entity === 'account' ? world.accounts : world.people;
      const row = rows[random.below(rows.length)]!;
      const accountId = entity === 'account' ? row.id : row.account_id;
      if (world.accounts.find(({ id }) => id === accountId)!.deleted_at !== null) continue;
      if (world.removed.includes(String(accountId))) continue;
      const explanation = await explain(rule, String(row.id), question(entity), sql<boolean>`true`);
      expect(explanation.holds, JSON.stringify({ rule, row })).toBe(holds(rule, row, world));
    }
  });

  test('the largest rule that is taken is answered', async () => {
    const about = (i: number): Rule => ({
      field: 'account.licenses',
      with: { where: { field: 'license.seats', op: 'atLeast', value: i } },
      op: 'atLeast',
      value: 1,
    });
    const rule: Rule = { any: Array.from({ length: 50 }, (_, i) => about(i)) };
    expect(issuesOf(rule, catalog, 'account')).toEqual([]);
    expect(await found(selecting(rule, question('account')))).toEqual(selected(rule, 'account'));
  });

  test('a rule that the builder shows and sends again selects the same', () => {
    const operand = (field: string, op: string) => operandOf(catalog.get(field)!.type, op);
    for (let i = 0; i < 100; i += 1) {
      const entity = entityFor(i);
      const rule = randomRule(random, catalog, entity);
      expect(model.isReadable(rule), JSON.stringify(rule)).toBe(true);
      const again = model.write(model.read(rule, operand), operand);
      expect(issuesOf(again, catalog, entity), JSON.stringify({ rule, again })).toEqual([]);
      expect(selected(again, entity), JSON.stringify({ rule, again })).toEqual(selected(rule, entity));
    }
  });

  test('every rule can be told', () => {
    for (let i = 0; i < 200; i += 1) {
      const rule = randomRule(random, catalog, entityFor(i));
      const sentence = told(rule, { catalog });
      expect(sentence.length).toBeGreaterThan(3);
      if (!JSON.stringify(rule).includes('{{'))
        expect(sentence).not.toMatch(/\{\{|undefined|rules\.|fields\./);
    }
  });

  test('a broken rule is refused with its place, or is none; what was stored once never fails', async () => {
    let refused = 0;
    for (let i = 0; i < 300; i += 1) {
      const entity = entityFor(i);
      const rule = brokenRule(random, randomRule(random, catalog, entity));
      const issues = issuesOf(rule, catalog, entity);
      if (issues.length > 0) refused += 1;
      for (const { path, key } of issues) {
        expect(key).toMatch(/^rules\.errors\.\w+$/);
        expect(reaches(rule, path.slice(0, -1)), JSON.stringify({ rule, path })).toBe(true);
      }
      if (issues.length === 0) await found(selecting(rule as Rule, question(entity)));
      if (i % 4 === 0) await stillCompiles(random, rule, entity);
    }
    expect(refused).toBeGreaterThan(150);
  });

  /** A rule outlives its fields: they go, or their types change. */
  async function stillCompiles(random: Random, rule: unknown, entity: Subject): Promise<void> {
    if (issuesOf(rule, catalog, entity).length > 0) return;
    const names = [...catalog.keys()].filter(() => random.happens(0.7));
    const later: Catalog = new Map(
      names.map((name) => {
        const field = catalog.get(name)!;
        const retyped = { ...field, type: 'number', sql: () => sql`1` } as const;
        return [name, random.happens(0.3) ? retyped : field];
      }),
    );
    const { sources, condition } = compile(rule as Rule, { entity, catalog: later, today: TODAY });
    await sql`select count(*) from ${subjects(entity)} ${sources} where ${existing({})} and ${condition}`.execute(
      db,
    );
  }
});

/** Whether there is something at the end of a path. */
function reaches(value: unknown, path: readonly (string | number)[]): boolean {
  if (path.length === 0) return true;
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Record<string | number, unknown>)[step] ?? (step === 'with' ? {} : undefined);
  }
  return at !== undefined;
}
