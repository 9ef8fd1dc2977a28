import { FormulaError } from './syntax.ts';

export interface Token {
  kind: 'text' | 'number' | 'name' | 'sign' | 'end';
  /** Of a text what stands between the quotes, unescaped. */
  text: string;
}

const pattern =
  /\s+|\/\*[\s\S]*?\*\/|("(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*')|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(\$?[A-Za-z_]\w*(?::[A-Za-z_]\w*)?(?:\s*\.\s*[A-Za-z_]\w*(?::[A-Za-z_]\w*)?)*)|(<=|>=|<>|!=|==|&&|\|\||[-+*/^&=<>(),!])/gy;

/** The words of a formula, comments and space left out. @throws FormulaError for a character that none begins with. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of source.matchAll(pattern)) {
    at = match.index + match[0].length;
    const [, quoted, number, name, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: unescaped(quoted.slice(1, -1)) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.replace(/\s+/g, '') });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  if (at < source.length) throw new FormulaError(`Syntax error. Found '${source.charAt(at)}'`);
  return [...tokens, { kind: 'end', text: '' }];
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' };

const unescaped = (text: string) =>
  text.replace(/\\([\s\S])/g, (_, letter: string) => escapes[letter] ?? letter);
