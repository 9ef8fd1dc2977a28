import { ApiError } from '../errors.ts';

/** A word of the query text and where it starts. */
export interface Token {
  text: string;
  at: number;
}

/** The text of a query, kept to say where something in it is wrong. */
export interface Source {
  text: string;
  tokens: Token[];
}

const pattern = /'(?:\\.|[^'\\])*'|[A-Za-z_][\w.]*|[\d][\w.:+-]*|[^\s\w']/g;

export const readSource = (text: string): Source => ({
  text,
  tokens: [...text.matchAll(pattern)].map((match) => ({ text: match[0], at: match.index })),
});

/** Where a word stands first outside of quotes; the start of the text when it is nowhere. */
export function positionOf(source: Source, word: string): number {
  const wanted = word.toLowerCase();
  const is = (token: Token) => token.text.toLowerCase() === wanted;
  const ends = (token: Token) => token.text.toLowerCase().endsWith(`.${wanted}`);
  return (source.tokens.find(is) ?? source.tokens.find(ends))?.at ?? 0;
}

/** An error with the marked line that Salesforce puts before it. */
export function errorAt(source: Source, at: number, [code, message]: [string, string]): ApiError {
  const before = source.text.slice(0, at).split('\n');
  const column = (before.at(-1) ?? '').length;
  const line = source.text.split('\n')[before.length - 1] ?? '';
  const start = Math.max(0, column - 40);
  const marked = `\n${line.slice(start, column + 40)}\n${' '.repeat(column - start)}^`;
  const place = `\nERROR at Row:${String(before.length)}:Column:${String(column + 1)}\n`;
  return new ApiError(400, code, marked + place + message);
}

/** The same at a word of the query. */
export const errorAtWord = (source: Source, word: string, error: [string, string]): ApiError =>
  errorAt(source, positionOf(source, word), error);

/** The same where the word stands last: conditions come after the SELECT list. */
export function errorAtLast(source: Source, word: string, error: [string, string]): ApiError {
  const last = source.tokens.findLast((token) => token.text.toLowerCase() === word.toLowerCase());
  return errorAt(source, last?.at ?? positionOf(source, word), error);
}

export const malformed = (message: string): ApiError => new ApiError(400, 'MALFORMED_QUERY', message);

/** `unexpected token: 'x'` where the word is, or at the end of the text. */
export function unexpected(source: Source, word: string): ApiError {
  const at = word === '' ? source.text.length : positionOf(source, word);
  return errorAt(source, at, ['MALFORMED_QUERY', `unexpected token: '${word === '' ? '<EOF>' : word}'`]);
}
