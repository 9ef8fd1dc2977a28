import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { DuplicateResult } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import type { DuplicateRule, MatchingRule } from '../schema/rules.ts';
import { recordUrl } from '../soql/assemble.ts';
import { readRecords } from '../soql/read.ts';
import { draftsJson } from './drafts.ts';
import { comparedFields, matchesSql } from './matching.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** What `Sforce-Duplicate-Rule-Header` asks for. */
interface Options {
  /** Saves in spite of rules that only warn. */
  allowSave: boolean;
  includeRecordDetails: boolean;
}

/** Rejects rows that a duplicate rule finds a match of; one statement for each rule and alternative, whatever the rows are many. */
export async function checkDuplicates(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  const options = optionsOf(ctx);
  const rules = ctx.org.rules.of('duplicate', sobject.name).filter(({ active }) => active);
  for (const rule of rules)
    for (const match of rule.matches) {
      const matching = ctx.org.rules.of('matching', match.sobject).find(({ name }) => name === match.rule);
      if (matching?.active)
        await check(ctx, sobject, { rule, matching, fields: match.fields, works, options });
    }
}

function optionsOf({ headers }: Context): Options {
  const header = [headers['sforce-duplicate-rule-header']].flat().join(',');
  const isSet = (name: string) => new RegExp(`(?:^|[,;])\\s*${name}\\s*=\\s*(?:true|1)\\b`, 'i').test(header);
  return { allowSave: isSet('allowSave'), includeRecordDetails: isSet('includeRecordDetails') };
}

interface Check {
  rule: DuplicateRule;
  matching: MatchingRule;
  fields: Record<string, string>;
  works: Work[];
  options: Options;
}

async function check(ctx: Context, sobject: SObject, checking: Check): Promise<void> {
  const { rule, matching, fields, works, options } = checking;
  const names = comparedFields(sobject, matching, fields);
  const rows = sound(works).filter((work) => isRefusable(rule, work, options) && isChanged(work, names));
  const text = rows.length > 0 ? matchesSql({ catalog: ctx.org.catalog, source: sobject, rule: matching, fields }) : undefined;
  if (text === undefined) return;
  const { rows: pairs } = await ctx.db.query(text, [draftsJson(rows)]);
  const found = Map.groupBy(pairs as { at: number; id: string }[], ({ at }) => at);
  for (const [at, matches] of found) {
    const ids = matches.map(({ id }) => id).slice(0, most);
    const duplicateResult = await resultOf(ctx, checking, ids);
    rows[at]?.errors.push({ ...saveError('DUPLICATES_DETECTED', rule.message), duplicateResult });
  }
} // prettier-ignore

/** Matches that are told. */
const most = 100;

function isRefusable(
  { onInsert, onUpdate }: DuplicateRule,
  { before }: Work,
  { allowSave }: Options,
): boolean {
  const action = before ? onUpdate : onInsert;
  return action === 'block' || (action === 'alert' && !allowSave);
}

/** A record that changes in other fields alone was let through before. */
const isChanged = ({ before, row }: Work, names: string[]) =>
  !before || names.some((name) => row[name] !== undefined && row[name] !== (before[name] ?? null));

async function resultOf(ctx: Context, { rule, matching, works, options }: Check, ids: string[]): Promise<DuplicateResult> {
  const target = ctx.org.catalog.find(matching.sobject);
  const isNew = works[0]?.before === undefined;
  const details = options.includeRecordDetails && target ? await detailsOf(ctx, target, { matching, ids }) : new Map<string, Json>();
  const records = ids.map((id) => details.get(id) ?? { attributes: { type: matching.sobject, url: recordUrl(ctx, matching.sobject, id) }, Id: id });
  return {
    allowSave: (isNew ? rule.onInsert : rule.onUpdate) !== 'block',
    duplicateRule: rule.name,
    duplicateRuleEntityType: rule.sobject,
    errorMessage: rule.message,
    matchResults: [{
      entityType: matching.sobject,
      errors: [],
      matchEngine: matching.engine,
      matchRecords: records.map((record) => ({ additionalInformation: [], fieldDiffs: [], matchConfidence: 100, record })),
      rule: matching.name,
      size: records.length,
      success: true,
    }],
  };
} // prettier-ignore

type Json = Record<string, unknown>;

/** The records with what they were compared by, as far as the user may read it. */
async function detailsOf(
  ctx: Context,
  target: SObject,
  { matching, ids }: { matching: MatchingRule; ids: string[] },
): Promise<Map<string, Json>> {
  const names = [target.nameField?.name ?? 'Id', ...matching.items.map(({ field }) => field)];
  const fields = [...new Set(['Id', ...names])].filter((name) => {
    const field = target.field(name);
    return field !== undefined && ctx.org.security.mayRead(ctx.user, target, field);
  });
  const records = await readRecords(ctx, target, { ids, fields });
  return new Map(records.map((record) => [String(record.Id), record]));
}
