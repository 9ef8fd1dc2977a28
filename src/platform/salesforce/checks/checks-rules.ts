import type { Finding, Needs, Written } from './checks.ts';
import { send } from '../wire/connection.ts';
import { toFailure } from '../wire/errors.ts';

type Row = Record<string, unknown>;

/** How many rules are read one by one: their formulas come no other way. */
const MOST_READ = 20;

/** Rules of the org that may refuse what Rapport writes. */
export async function rulesArea(needs: Needs): Promise<Finding[]> {
  return [...(await validationRules(needs)), ...(await duplicateRules(needs))];
}

async function validationRules({ written }: Needs): Promise<Finding[]> {
  const objects = Object.keys(written)
    .map((name) => `'${name}'`)
    .join(', ');
  const rules = await asked(
    'tooling',
    `SELECT Id, ValidationName, ErrorMessage, ErrorDisplayField, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true AND EntityDefinition.QualifiedApiName IN (${objects})`,
  );
  if (!rules) return [{ level: 'warning', key: 'rulesHidden', values: {} }];
  const touching: Finding[] = [];
  for (const [at, rule] of rules.entries()) {
    const object = String((rule.EntityDefinition as Row | undefined)?.QualifiedApiName);
    const formula = at < MOST_READ ? await formulaOf(String(rule.Id)) : undefined;
    if (mayRefuse(formula, written[object]))
      touching.push({
        level: 'warning',
        key: 'validationRule',
        values: { object, rule: String(rule.ValidationName), message: String(rule.ErrorMessage) },
      });
  }
  return touching.length > 0
    ? touching
    : [{ level: 'ok', key: 'validationRules', values: { count: rules.length } }];
}

/** It names a field that we write, or demands one of new records that we do not; without its formula nobody knows. */
function mayRefuse(formula: string | undefined, writes: Written | undefined): boolean {
  if (!writes) return false;
  if (formula === undefined) return true;
  const isNamed = writes.fields.some((field) => new RegExp(`\\b${field}\\b`, 'i').test(formula));
  return isNamed || (writes.creates && /ISBLANK|ISNULL/i.test(formula));
}

async function formulaOf(id: string): Promise<string | undefined> {
  const rows = await asked('tooling', `SELECT Id, Metadata FROM ValidationRule WHERE Id = '${id}'`);
  const formula = (rows?.[0]?.Metadata as Row | undefined)?.errorConditionFormula;
  return typeof formula === 'string' ? formula : undefined;
}

/** Only the name of a rule can be seen with data rights, not whether it blocks or lets through with a warning. */
async function duplicateRules({ written }: Needs): Promise<Finding[]> {
  const made = Object.entries(written)
    .filter(([, { creates }]) => creates)
    .map(([name]) => name);
  const rules = await asked(
    'data',
    `SELECT MasterLabel, SobjectType FROM DuplicateRule WHERE IsActive = true AND SobjectType IN (${made.map((name) => `'${name}'`).join(', ')})`,
  );
  if (!rules || rules.length === 0) return [{ level: 'ok', key: 'duplicateRules', values: {} }];
  return rules.map((rule) => ({
    level: 'warning',
    key: 'duplicateRule',
    values: { object: String(rule.SobjectType), rule: String(rule.MasterLabel) },
  }));
}

/** The rows of a query; undefined where the org has no such thing, or does not show it to us. */
async function asked(where: 'tooling' | 'data', soql: string): Promise<Row[] | undefined> {
  try {
    const path = `${where === 'tooling' ? '/tooling' : ''}/query?q=${encodeURIComponent(soql)}`;
    return (await send<{ records: Row[] }>({ path })).body.records;
  } catch (error) {
    const { kind } = toFailure(error);
    if (kind === 'auth' || kind === 'retry' || kind === 'quota') throw error;
    return undefined;
  }
}
