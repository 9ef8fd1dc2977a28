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

/** An error with the marked part of its line that Salesforce puts before it. */
export function errorAt(source: Source, at: number, error: [string, string]): ApiError {
  const before = source.text.slice(0, at).split('\n');
  const column = (before.at(-1) ?? '').length;
  return marked(source, { row: before.length, column, error });
}

/** An error of the grammar: Salesforce's parser counts columns from 0, so that its mark is one before the token. */
export function syntaxErrorAt(source: Source, at: number, error: [string, string]): ApiError {
  const before = source.text.slice(0, at).split('\n');
  const column = (before.at(-1) ?? '').length - 1;
  return marked(source, { row: before.length, column, error });
}

interface Mark {
  /** From 1. */
  row: number;
  /** From 0. */
  column: number;
  error: [string, string];
}

const AROUND = 30;

/** The line from the word that thirty characters before the mark are in to the one thirty after it. */
function marked(source: Source, { row, column, error: [code, message] }: Mark): ApiError {
  const line = source.text.split('\n')[row - 1] ?? '';
  const start = wordStart(line, column - AROUND);
  const end = wordEnd(line, column + AROUND);
  const mark = `\n${line.slice(start, end)}\n${' '.repeat(Math.max(0, column - start))}^`;
  const place = `\nERROR at Row:${String(row)}:Column:${String(column + 1)}\n`;
  return new ApiError(400, code, mark + place + message);
}

function wordStart(line: string, at: number): number {
  let start = Math.max(0, at);
  while (start > 0 && /[\s,]/.test(line.charAt(start))) start -= 1;
  while (start > 0 && !/[\s,]/.test(line.charAt(start - 1))) start -= 1;
  return start;
}

function wordEnd(line: string, at: number): number {
  let end = Math.min(line.length, at);
  while (end < line.length && /[\s,]/.test(line.charAt(end))) end += 1;
  while (end < line.length && !/[\s,]/.test(line.charAt(end))) end += 1;
  return end;
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

/** `unexpected token: 'x'` at a place, or at the end of the text. */
export function unexpectedAt(source: Source, at: number, word: string): ApiError {
  const token = word === '' ? '<EOF>' : word;
  return syntaxErrorAt(source, at, ['MALFORMED_QUERY', `unexpected token: '${token}'`]);
}

/** The same where the word is first, or at the end of the text. */
export const unexpected = (source: Source, word: string): ApiError =>
  unexpectedAt(source, word === '' ? source.text.length : positionOf(source, word), word);
