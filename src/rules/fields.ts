import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import { type FieldType, isRule, type Argument, type Rule } from './rules.ts';

/**
 * What a rule can be about, and the alias of its rows in SQL. In a rule about people `a` is there, too: the person's account.
 * The others are asked about within a field that counts them.
 */
export const aliases = { account: 'a', person: 'p', license: 'l', case: 'c', opportunity: 'o' } as const;
export type Entity = keyof typeof aliases;

/** What a rule can select. */
export type Subject = 'account' | 'person';

/** Something that a field is told: the action that is counted, how many days it looks back, which of the licenses. */
export interface Parameter {
  readonly name: string;
  /** `days` is a whole number from 1 to 3,650; a `rule` is one over `entity`. */
  readonly type: 'text' | 'choice' | 'days' | 'rule';
  readonly entity?: Entity;
  readonly choices?: readonly string[];
  /** A query of the texts that exist, `value` and `label`, to be offered. */
  readonly offers?: RawBuilder<Choice>;
  /** Without it, the field is about any action, all days, all licenses. */
  readonly isOptional?: true;
  /** What the builder starts with. */
  readonly preset?: string | number;
}

export interface Choice {
  value: string;
  label: string;
}

/** Something that can be asked of an account, a person, a license … . */
export interface Field {
  /** `account.industry`: its words are `fields.account.industry`. */
  readonly name: string;
  readonly entity: Entity;
  readonly type: FieldType;
  /** Where the builder's picker shows it: words `fields.groups.<group>`. */
  readonly group: string;
  /** What stands in for words that nobody could write beforehand: the name of an org's own field. */
  readonly label?: string;
  readonly parameters?: readonly Parameter[];
  /** All values of a choice: words `fields.choices.<value>`. */
  readonly choices?: readonly string[];
  /** A query of the values that exist, `value` and `label`, at most some hundreds, to be offered. */
  readonly offers?: RawBuilder<Choice>;
  /** It always has a value: a count, tags. */
  readonly isKnown?: true;
  /** It looks at other accounts, too: what happens to those may change it. */
  readonly isOfOthers?: true;
  /**
   * Its value, null when it is not known: text for `text` and `choice`, a number, whole minor units for `money`, `date`, `boolean`,
   * `text[]` (empty, never null) for `tags`.
   */
  readonly sql: (asked: Asked) => RawBuilder<unknown>;
}

/** What a field may use to say its value: how it is asked, and further tables. */
export interface Asked {
  /** The calendar day that counts as today, YYYY-MM-DD (UTC). */
  readonly today: string;
  readonly given: Given;
  /**
   * Joins rows of which each account (person, license …) has at most one; gives their columns. The same `name` joins once: it must
   * stand for the same rows. Without a name, it is the field's with what it was given.
   */
  readonly join: (rows: RawBuilder<unknown>, on: On, name?: string) => Columns;
  /** A query of the accounts that are asked about; undefined when all are. */
  readonly accounts: RawBuilder<unknown> | undefined;
  /** Keeps a sub-select to the accounts that are asked about; say it of whatever is grouped. */
  readonly among: (accountColumn: string) => RawBuilder<boolean>;
  /**
   * The rule in a parameter, over rows under its entity's alias: put `sources` after the table, `condition` into its `where`. `among`
   * says of which accounts an inner `account` may be, unless it is the same one.
   */
  readonly within: (entity: Entity, rule: Rule | undefined, among?: RawBuilder<unknown>) => Compiled;
}

export type Columns = (column: string) => RawBuilder<unknown>;
export type On = (columns: Columns) => RawBuilder<boolean>;

export interface Compiled {
  /** Left joins, one row each, to put after `from`. */
  sources: RawBuilder<unknown>;
  /** True, false or null (not known), of a row under its alias. */
  condition: RawBuilder<boolean>;
}

/** What a field's parameters are set to, read by their types. */
export interface Given {
  text: (name: string) => string | undefined;
  days: (name: string) => number | undefined;
  rule: (name: string) => Rule | undefined;
}

export const givenOf = (all: Readonly<Record<string, Argument>> = {}): Given => ({
  text: (name) => (typeof all[name] === 'string' ? all[name] : undefined),
  days: (name) => (typeof all[name] === 'number' ? all[name] : undefined),
  rule: (name) => (isRule(all[name]) ? all[name] : undefined),
});

/** Every field that a rule may name. */
export type Catalog = ReadonlyMap<string, Field>;

/** @throws Error when two fields have one name. */
export function catalogOf(...lists: readonly (readonly Field[])[]): Catalog {
  const catalog = new Map<string, Field>();
  for (const field of lists.flat()) {
    if (catalog.has(field.name)) throw new Error(`two fields are called ${field.name}`);
    catalog.set(field.name, field);
  }
  return catalog;
}

/** Whether a rule about this may ask for the field: people are asked about their account, too. */
export const maybeAsk = (entity: Entity, field: Field): boolean =>
  field.entity === entity || (entity === 'person' && field.entity === 'account');

/** The value of a column, by its reference: `a.industry`. */
export const column = (reference: string) => (): RawBuilder<unknown> => sql.ref(reference);

/** The value of a column of a table that has one row an account, by its `account_id`. */
export const ofAccountRow =
  (table: string, name: string) =>
  ({ join }: Asked): RawBuilder<unknown> =>
    join(sql.table(table), (row) => sql`${row('account_id')} = a.id`, table)(name);
