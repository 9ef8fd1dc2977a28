/*
 * A rule as a tree that can be changed: groups { kind: 'group', word, parts } and conditions { kind: 'condition', field, op, given,
 * raw }. `raw` holds what was typed for each kind of operand, so that nothing is lost while operators are tried.
 */

export const group = (word, parts = []) => ({ kind: 'group', word, parts });
export const condition = () => ({ kind: 'condition', field: '', op: '', given: {}, raw: {} });

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the builder can show a rule without losing any of it. */
export function isReadable(rule) {
  if (!isObject(rule)) return false;
  const keys = Object.keys(rule);
  if ('field' in rule)
    return (
      typeof rule.field === 'string' &&
      keys.every((key) => ['field', 'with', 'op', 'value'].includes(key)) &&
      (rule.with === undefined || (isObject(rule.with) && Object.values(rule.with).every(isArgument)))
    );
  if (keys.length !== 1) return false;
  if ('not' in rule) return isReadable(rule.not);
  const parts = rule.all ?? rule.any;
  return Array.isArray(parts) && parts.every(isReadable);
}

const isArgument = (argument) => (isObject(argument) ? isReadable(argument) : argument !== null);

/** The tree of a rule; its root is a group. `operandOf(field, op)` says how a value is kept. */
export function read(rule, operandOf) {
  const node = nodeOf(rule, operandOf);
  return node.kind === 'group' ? node : group('all', [node]);
}

function nodeOf(rule, operandOf) {
  const parts = (rules) => rules.map((each) => nodeOf(each, operandOf));
  if (rule.all) return group('all', parts(rule.all));
  if (rule.any) return group('any', parts(rule.any));
  if (rule.not) {
    if (rule.not.any) return group('none', parts(rule.not.any));
    if (rule.not.all) return group('notAll', parts(rule.not.all));
    return group('none', [nodeOf(rule.not, operandOf)]);
  }
  const given = Object.fromEntries(
    Object.entries(rule.with ?? {}).map(([name, argument]) => [
      name,
      isObject(argument) ? read(argument, operandOf) : String(argument),
    ]),
  );
  const operand = operandOf(rule.field, rule.op);
  const raw = operand === undefined || rule.value === undefined ? {} : { [operand]: rawOf(operand, rule.value) };
  /* A field that is gone keeps its value as it is. */
  const value = operand === undefined ? rule.value : undefined;
  return { kind: 'condition', field: rule.field, op: rule.op ?? '', given, raw, value };
}

function rawOf(operand, value) {
  if (operand === 'texts') return [value].flat().map(String);
  if (operand === 'numbers' || operand === 'dates') return [value].flat().map(String);
  return String(value);
}

/** The rule of a tree. Each node keeps its `path` into it, as errors name it. */
export function write(node, operandOf, path = []) {
  node.path = path;
  if (node.kind === 'condition') return written(node, operandOf, path);
  const word = node.word === 'all' || node.word === 'notAll' ? 'all' : 'any';
  const isNegated = node.word === 'none' || node.word === 'notAll';
  const here = [...path, ...(isNegated ? ['not'] : []), word];
  const rule = { [word]: node.parts.map((part, i) => write(part, operandOf, [...here, i])) };
  return isNegated ? { not: rule } : rule;
}

function written(node, operandOf, path) {
  const given = {};
  for (const [name, argument] of Object.entries(node.given))
    if (isObject(argument)) given[name] = write(argument, operandOf, [...path, 'with', name]);
    else if (argument !== '') given[name] = name === 'days' ? numberOf(argument) : argument;
  const operand = operandOf(node.field, node.op);
  const value = operand === undefined ? node.value : valueOf(operand, node.raw[operand]);
  return {
    field: node.field,
    ...(Object.keys(given).length > 0 ? { with: given } : {}),
    ...(node.op === '' ? {} : { op: node.op }),
    ...(value === undefined ? {} : { value }),
  };
}

/** What was typed as a number, and as it was typed when it is none: then the server says so. */
function numberOf(text) {
  const plain = text.trim().replace(/^([-+]?\d+),(\d{1,2})$/, '$1.$2');
  return /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : text;
}

function valueOf(operand, raw) {
  if (operand === 'none' || raw === undefined || raw === '') return undefined;
  if (operand === 'texts') return raw.length === 0 ? undefined : raw;
  if (operand === 'numbers') return raw.some((each) => each !== '') ? raw.map(numberOf) : undefined;
  if (operand === 'dates') return raw.some((each) => each !== '') ? raw : undefined;
  if (operand === 'number' || operand === 'days') return numberOf(raw);
  return operand === 'boolean' ? raw === 'true' : raw;
}

/** The same again, as a tree of its own. */
export const copyOf = (node) => {
  const { parent, element, path, ...rest } = node;
  return structuredClone(
    rest.kind === 'group'
      ? { ...rest, parts: rest.parts.map(copyOf) }
      : { ...rest, given: mapped(rest.given, (each) => (isObject(each) ? copyOf(each) : each)) },
  );
};

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
