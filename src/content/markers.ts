import { randomBytes } from 'node:crypto';

import { allowedTags } from './liquid.ts';
import { tokensOf, type Token } from './tokens.ts';

/** A source in which words stand for its merge fields, so that markup can be worked on without a view to them. */
export interface Marked {
  source: string;
  /** Finds the words; the first group is the index of the token. */
  marker: RegExp;
  tokens: readonly Token[];
  /** What cannot be taken: tags that there are not. They are gone from the source. */
  refused: string[];
}

/** Puts words in the place of Liquid. A comment of Liquid's goes with what is within it. */
export function marked(source: string): Marked {
  const nonce = `q${randomBytes(5).toString('hex')}`;
  const tokens: Token[] = [];
  const refused: string[] = [];
  const text = tokensOf(withoutComments(source)).map((token) => {
    if (token.kind === 'static') return token.text;
    const decoded = { ...token, inner: decode(token.inner) };
    const problem = problemWith(decoded);
    if (problem !== undefined) {
      refused.push(problem);
      return '';
    }
    tokens.push(decoded);
    return `${nonce}x${tokens.length - 1}z`;
  });
  return { source: text.join(''), marker: new RegExp(`${nonce}x(\\d+)z`, 'g'), tokens, refused };
}

const withoutComments = (source: string): string =>
  source.replaceAll(/\{%-?\s*comment\s*-?%\}[\s\S]*?\{%-?\s*endcomment\s*-?%\}/g, '');

function problemWith({ kind, inner, name }: Token): string | undefined {
  if (/\bas_\w+|\bshown\b/.test(inner.replaceAll(/"[^"]*"|'[^']*'/g, ''))) return inner.slice(0, 80);
  const isKnown = kind === 'output' || name === 'table' || (allowedTags as readonly string[]).includes(name);
  return isKnown ? undefined : `{% ${name.slice(0, 40)} %}`;
}

/* Editors of HTML write `{% if a &gt; 1 %}`. */
const entities: Record<string, string> = { '&quot;': '"', '&#39;': "'", '&apos;': "'", '&lt;': '<', '&gt;': '>', '&nbsp;': ' ', '&amp;': '&' }; // prettier-ignore
export const decode = (text: string): string =>
  text
    .replaceAll(/&(?:quot|#39|apos|lt|gt|nbsp|amp);/g, (entity) => entities[entity] ?? entity)
    .replaceAll('\u00a0', ' ');

/** The name of the table that `{% table "renewals" %}` asks for. */
export const tableOf = ({ name, inner }: Token): string | undefined =>
  name === 'table' ? /^table\s+["']?([\w-]+)["']?$/.exec(inner)?.[1] : undefined;

/** A token as Liquid, with what makes its value fit for its place. */
export function restored(token: Token, place: string): string {
  const table = tableOf(token);
  if (table !== undefined) return `{{ shown.${table}.${place === 'text' ? 'html' : 'text'} }}`;
  return token.kind === 'output' ? `{{ ${token.inner} | as_${place} }}` : `{% ${token.inner} %}`;
}
