import { FormulaError } from './syntax.ts';
import { tokensOf } from './tokens.ts';

import type { Formula, Operator } from './syntax.ts';
import type { Token } from './tokens.ts';

/** Operators from those that bind least to those that bind most; each line binds from the left. */
const levels: Record<string, Operator>[] = [
  { '||': '||' },
  { '&&': '&&' },
  { '=': '=', '==': '=', '<>': '<>', '!=': '<>' },
  { '<': '<', '<=': '<=', '>': '>', '>=': '>=' },
  { '+': '+', '-': '-', '&': '&' },
  { '*': '*', '/': '/' },
  { '^': '^' },
];

/** What is left to read. */
interface Reader {
  peek: () => Token;
  take: () => Token;
  /** Whether the next word is that sign; takes it when it is. */
  takes: (sign: string) => boolean;
}

function readerOf(tokens: Token[]): Reader {
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const take = () => {
    const token = peek();
    at += 1;
    return token;
  };
  const takes = (sign: string) => {
    const found = peek().kind === 'sign' && peek().text === sign;
    if (found) at += 1;
    return found;
  };
  return { peek, take, takes };
}

/** The tree of a formula. @throws FormulaError */
export function parseFormula(source: string): Formula {
  const reader = readerOf(tokensOf(source));
  const formula = level(reader, 0);
  const { kind, text } = reader.peek();
  if (kind !== 'end') throw new FormulaError(`Syntax error. Extra ${text}`);
  return formula;
}

function level(reader: Reader, number: number): Formula {
  const operators = levels[number];
  if (!operators) return unary(reader);
  let left = level(reader, number + 1);
  for (;;) {
    const { kind, text } = reader.peek();
    const operator = kind === 'sign' ? operators[text] : undefined;
    if (operator === undefined) return left;
    reader.take();
    left = { kind: 'binary', operator, left, right: level(reader, number + 1) };
  }
}

function unary(reader: Reader): Formula {
  if (reader.takes('!')) return { kind: 'not', operand: unary(reader) };
  if (reader.takes('-')) return { kind: 'minus', operand: unary(reader) };
  reader.takes('+');
  return operand(reader);
}

function operand(reader: Reader): Formula {
  const { kind, text } = reader.take();
  if (kind === 'text') return { kind, value: text };
  if (kind === 'number') return { kind, value: text };
  if (kind === 'name') return named(reader, text);
  if (kind === 'end') throw new FormulaError('Syntax error');
  if (text !== '(') throw new FormulaError(`Syntax error. Found '${text}'`);
  const inside = level(reader, 0);
  close(reader);
  return inside;
}

function named(reader: Reader, name: string): Formula {
  if (reader.takes('(')) return { kind: 'call', name: name.toUpperCase(), args: argumentsIn(reader) };
  const word = name.toUpperCase();
  if (word === 'TRUE' || word === 'FALSE') return { kind: 'boolean', value: word === 'TRUE' };
  return word === 'NULL' ? { kind: 'null' } : { kind: 'field', path: name.split('.') };
}

function argumentsIn(reader: Reader): Formula[] {
  if (reader.takes(')')) return [];
  const found = [level(reader, 0)];
  while (reader.takes(',')) found.push(level(reader, 0));
  close(reader);
  return found;
}

function close(reader: Reader): void {
  if (!reader.takes(')')) throw new FormulaError("Syntax error. Missing ')'");
}
