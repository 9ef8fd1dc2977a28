import type { Db, Pool } from '../../database.ts';

/** A condition that no record may meet. */
export interface ValidationRule {
  sobject: string;
  name: string;
  active: boolean;
  /** The formula that is true for what is wrong. */
  condition: string;
  message: string;
  /** The field that the message belongs to; null for the whole record. */
  field: string | null;
}

export type MatchingMethod =
  'Exact' | 'FirstName' | 'LastName' | 'CompanyName' | 'Phone' | 'City' | 'Street' | 'Zip' | 'Title';

/** When two records are the same: fields by their number in `logic`, `1 AND (2 OR 3)`. */
export interface MatchingRule {
  /** The object whose records are compared. */
  sobject: string;
  name: string;
  active: boolean;
  /** FuzzyMatchEngine of the standard rules, ExactMatchEngine of exact ones. */
  engine: string;
  items: { field: string; method: MatchingMethod; matchBlanks: boolean }[];
  logic: string;
}

/** What becomes of a record that matches another one. */
export interface DuplicateRule {
  /** The object that is saved. */
  sobject: string;
  name: string;
  active: boolean;
  onInsert: DuplicateAction;
  onUpdate: DuplicateAction;
  message: string;
  /** The matching rules that tell, each with the object it searches. */
  matches: { sobject: string; rule: string; fields: Record<string, string> }[];
}

/** `alert` may be overridden by the client, `block` may not, `allow` lets all pass. */
export type DuplicateAction = 'alert' | 'block' | 'allow';

/** Which values of picklists a record type allows, by field; fields not named allow all. */
export interface RecordTypeRule {
  sobject: string;
  /** The record type's DeveloperName. */
  name: string;
  id: string;
  label: string;
  active: boolean;
  values: Record<string, string[]>;
}

interface Kinds {
  validation: ValidationRule;
  matching: MatchingRule;
  duplicate: DuplicateRule;
  recordType: RecordTypeRule;
}

/** The org's rules, in memory; `reload` after they have changed. */
export interface Rules {
  of: <K extends keyof Kinds>(kind: K, sobject: string) => Kinds[K][];
  reload: () => Promise<void>;
}

export function createRules(pool: Pool): Rules {
  let known = new Map<string, unknown[]>();
  return {
    of: <K extends keyof Kinds>(kind: K, sobject: string) =>
      (known.get(`${kind} ${sobject}`) ?? none) as Kinds[K][],
    reload: async () => {
      const { rows } = await pool.query<{ kind: string; sobject: string; definition: unknown }>(
        'select kind, sobject, definition from _rule order by kind, sobject, name',
      );
      const next = new Map<string, unknown[]>();
      for (const { kind, sobject, definition } of rows)
        next.set(`${kind} ${sobject}`, [...(next.get(`${kind} ${sobject}`) ?? []), definition]);
      known = next;
    },
  };
}

const none: unknown[] = [];

export const ruleTables = `
  create table if not exists _rule (
    kind text, sobject text, name text, definition jsonb not null, primary key (kind, sobject, name)
  )`;

/** Keeps a rule in place of the one of its name; `reload` makes it count. */
export async function keepRule<K extends keyof Kinds>(db: Db, kind: K, rule: Kinds[K]): Promise<void> {
  await db.query(
    'insert into _rule (kind, sobject, name, definition) values ($1, $2, $3, $4) on conflict (kind, sobject, name) do update set definition = $4',
    [kind, rule.sobject, rule.name, JSON.stringify(rule)],
  );
}

/** Forgets a rule; `reload` makes that count. */
export async function forgetRule(db: Db, kind: keyof Kinds, sobject: string, name: string): Promise<void> {
  await db.query('delete from _rule where kind = $1 and sobject = $2 and name = $3', [kind, sobject, name]);
}
