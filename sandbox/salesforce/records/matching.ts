import { quote } from '../../database.ts';
import type { Catalog, SObject } from '../schema/catalog.ts';
import type { MatchingMethod, MatchingRule } from '../schema/rules.ts';
import { draftsSql } from './drafts.ts';

/** A text as one method compares it: what differs in it no further is the same. */
const forms: Record<MatchingMethod, (sql: string) => string> = {
  Exact: (sql) => `nullif(lower(btrim(${sql}::text)), '')`,
  FirstName: letters,
  LastName: letters,
  Title: letters,
  City: letters,
  Street: letters,
  Zip: (sql) => `left(${letters(sql)}, 5)`,
  CompanyName: (sql) =>
    `nullif(regexp_replace(lower(regexp_replace(${sql}::text, '[^[:alnum:] ]+', '', 'g')), ' +(inc|corp|corporation|company|co|llc|ltd|limited|gmbh|ag|sa|srl|spa|kk|plc|bv|lp|llp)\\M| +', '', 'g'), '')`,
  Phone: (sql) => `nullif(right(regexp_replace(${sql}::text, '[^0-9]+', '', 'g'), 10), '')`,
};

function letters(sql: string): string {
  return `nullif(lower(regexp_replace(${sql}::text, '[^[:alnum:]]+', '', 'g')), '')`;
}

interface Compared {
  catalog: Pick<Catalog, 'find'>;
  /** The object that is saved. */
  source: SObject;
  rule: MatchingRule;
  /** Fields of the source by those of the rule, where they are called otherwise. */
  fields: Record<string, string>;
}

/** Pairs of a draft's place and the id of a live record that the rule takes for the same; `$1` are the drafts. */
export function matchesSql({ catalog, source, rule, fields }: Compared): string | undefined {
  const target = catalog.find(rule.sobject);
  if (!target) return undefined;
  const live = target.field('IsDeleted') ? 'and not c."IsDeleted"' : '';
  const converted = target.field('IsConverted') ? 'and not c."IsConverted"' : '';
  const alternatives = alternativesOf(rule.logic, rule.items.length).map((numbers) => {
    const equal = numbers.flatMap((number) => {
      const item = rule.items[number - 1];
      if (!item) return [];
      const form = forms[item.method];
      const theirs = form(columnSql(catalog, target, { path: item.field, row: 'c' }));
      const ours = form(columnSql(catalog, source, { path: fields[item.field] ?? item.field, row: 'n' }));
      return [`${theirs} ${item.matchBlanks ? 'is not distinct from' : '='} ${ours}`];
    });
    return `select n."#" as at, c."Id" as id from drafts n join ${quote(target.name)} c on ${equal.join(' and ')} where c."Id" is distinct from n."Id" ${live} ${converted}`;
  });
  const all = alternatives.join(' union ');
  return `with drafts as materialized ${draftsSql(source, '$1', all)} ${all} order by 1, 2`;
}

/** `Name`, or `Account.Name` of the parent. */
function columnSql(
  catalog: Pick<Catalog, 'find'>,
  sobject: SObject,
  { path, row }: { path: string; row: string },
): string {
  const [head = '', name] = path.split('.');
  if (name !== undefined) return parentSql(catalog, sobject, { head, name, row });
  const field = sobject.field(head);
  return field ? `${row}.${quote(field.name)}` : 'null';
}

function parentSql(
  catalog: Pick<Catalog, 'find'>,
  sobject: SObject,
  { head, name, row }: { head: string; name: string; row: string },
): string {
  const reference = sobject.fields.find((field) => field.relationshipName === head);
  const parent = catalog.find(reference?.referenceTo[0] ?? '');
  if (!reference || !parent?.field(name)) return 'null';
  return `(select p.${quote(name)} from ${quote(parent.name)} p where p."Id" = ${row}.${quote(reference.name)})`;
}

/** Fields of the saved object that a change of can make it match; a parent counts by its reference. */
export function comparedFields(
  source: SObject,
  { items }: MatchingRule,
  fields: Record<string, string>,
): string[] {
  return items.map(({ field }) => {
    const [head = '', name] = (fields[field] ?? field).split('.');
    if (name === undefined) return head;
    return source.fields.find(({ relationshipName }) => relationshipName === head)?.name ?? head;
  });
}

/** `1 AND (2 OR 3)` as the lists of numbers of which one must hold whole: [[1, 2], [1, 3]]. Empty means all. */
export function alternativesOf(logic: string, count: number): number[][] {
  const words = logic.toUpperCase().match(/\d+|AND|OR|[()]/g) ?? [];
  if (words.length === 0) return [Array.from({ length: count }, (_, at) => at + 1)];
  let at = 0;
  const either = (): number[][] => {
    const found = both();
    while (words[at] === 'OR') {
      at += 1;
      found.push(...both());
    }
    return found;
  };
  const both = (): number[][] => {
    let found = one();
    while (words[at] === 'AND') {
      at += 1;
      const next = one();
      found = found.flatMap((left) => next.map((right) => [...new Set([...left, ...right])]));
    }
    return found;
  };
  const one = (): number[][] => {
    const word = words[at++];
    if (word !== '(') return [[Number(word)]];
    const inside = either();
    at += 1;
    return inside;
  };
  return either();
}

/** What tells most first: each alternative is looked up by one of its fields. */
const telling: MatchingMethod[] = [
  'Exact',
  'Phone',
  'CompanyName',
  'Street',
  'LastName',
  'FirstName',
  'Title',
  'Zip',
  'City',
];

/** Statements that let a rule find its matches without reading whole tables. */
export function matchIndexes(catalog: Pick<Catalog, 'find'>, rule: MatchingRule): string[] {
  const target = catalog.find(rule.sobject);
  if (!target) return [];
  const indexed = alternativesOf(rule.logic, rule.items.length).flatMap((numbers) => {
    const items = numbers
      .flatMap((number) => rule.items[number - 1] ?? [])
      .filter(({ field }) => target.field(field));
    return items
      .toSorted((one, other) => telling.indexOf(one.method) - telling.indexOf(other.method))
      .slice(0, 1);
  });
  const wanted = new Map(
    indexed.map(({ field, method }) => [`_match_${target.name}_${field}_${method}`, { field, method }]),
  );
  return [...wanted].map(
    ([name, { field, method }]) =>
      `create index if not exists ${quote(name.slice(0, 63))} on ${quote(target.name)} ((${forms[method](quote(field))}))`,
  );
}
