import type { Catalog } from '../rules/fields.ts';

import type { BuiltPart, Problem } from './content.ts';
import type { MessageContent } from './document.ts';
import { liquidFor } from './liquid.ts';
import { globals } from './merge-fields.ts';
import { pathsOf } from './slots.ts';
import { blocksOf, type Token, tokensOf } from './tokens.ts';

type Sources = Pick<BuiltPart, 'locale' | 'subject' | 'html' | 'text' | 'links'>;

/** What a template looks at; a template that cannot be read looks at nothing. */
function pathsIn({ locale, subject, html, text, links }: Sources): string[] {
  const engine = liquidFor(locale);
  return [subject, html, text, ...links.map(({ url }) => url)].flatMap((source) => {
    try {
      return pathsOf(engine, source).map((path) => path.join('.'));
    } catch {
      return [];
    }
  });
}

/** The merge fields of the catalog that a part looks at. */
export const knownFields = (part: Sources, catalog: Catalog): string[] =>
  pathsIn(part).flatMap((path) => fieldIn(path, catalog) ?? []);

/** The field that a path begins with: `account.tags.size` asks for `account.tags`. */
function fieldIn(path: string, catalog: Catalog): string | undefined {
  if (catalog.has(path)) return path;
  const shorter = path.replace(/\.(size|first|last|day)$/, '');
  return catalog.has(shorter) ? shorter : undefined;
}

/** What an author may look at beside fields: what is in every message, their own tables, the accounts of a person. */
function isOther(path: string, tables: MessageContent['tables']): boolean {
  const [root = '', name = ''] = path.split('.');
  if (root === 'tables' || root === 'shown') return Object.hasOwn(tables, name);
  return (
    Object.hasOwn(globals, path) ||
    root === 'forloop' ||
    path === 'person.accounts' ||
    path.startsWith('person.accounts.')
  );
}

/** Whether templates can be read, and every field that they name is there. */
export function fieldProblems(
  part: Sources,
  { tables }: MessageContent,
  catalog: Catalog,
): Pick<Problem, 'code' | 'severity' | 'detail'>[] {
  const unknown = pathsIn(part).filter(
    (path) => fieldIn(path, catalog) === undefined && !isOther(path, tables),
  );
  return [
    ...syntaxProblems(part),
    ...[...new Set(unknown)].map((detail) => ({
      code: /^(tables|shown)\./.test(detail) ? ('unknownTable' as const) : ('unknownField' as const),
      severity: 'error' as const,
      detail: detail.replace(/^shown\.(\w+)\..*$/, '$1').slice(0, 200),
    })),
    ...missingFallbacks(part, catalog).map((detail) => ({
      code: 'noFallback',
      severity: 'warning' as const,
      detail,
    })),
  ];
}

function syntaxProblems({
  locale,
  subject,
  html,
  text,
}: Sources): Pick<Problem, 'code' | 'severity' | 'detail'>[] {
  const engine = liquidFor(locale);
  const details = [subject, html, text].flatMap((source) => {
    try {
      for (const block of blocksOf(source)) if (block.kind !== 'static') engine.parse(block.text);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message.replace(/, line:.*$/s, '').slice(0, 200) : ''];
    }
  });
  return [...new Set(details)].map((detail) => ({ code: 'syntax', severity: 'error', detail }));
}

/** Everybody has these. */
const always = new Set(['person.name', 'account.name', 'person.email', ...Object.keys(globals)]);

/** Fields that some people have no value of, shown without a word instead; within a condition that asks for it, there is one. */
function missingFallbacks({ subject, html, text }: Sources, catalog: Catalog): string[] {
  const missing = [subject, html, text].flatMap((source) =>
    blocksOf(source).flatMap((block) =>
      tokensOf(block.text)
        .map((token) => bareField(token, catalog))
        .filter((path) => path !== undefined)
        .filter((path) => !isAskedFor(block.text, path)),
    ),
  );
  return [...new Set(missing)];
}

/** The field that a token shows as it is, with nothing for those who have none. */
function bareField({ kind, inner }: Token, catalog: Catalog): string | undefined {
  const path = kind === 'output' ? /^[\w.]+/.exec(inner)?.[0] : undefined;
  const field = path === undefined || always.has(path) ? undefined : catalog.get(path);
  const isMissable = field !== undefined && field.isKnown !== true && !/\|\s*default\s*:/.test(inner);
  return isMissable ? path : undefined;
}

const isAskedFor = (block: string, path: string): boolean =>
  tokensOf(block).some(
    ({ kind, inner }) => kind === 'tag' && /^(if|elsif|unless|case)\b/.test(inner) && inner.includes(path),
  );
