import { NotPublic, publicUrl } from '../platform/public-web.ts';
import type { Catalog } from '../rules/fields.ts';
import { issuesOf } from '../rules/schema.ts';

import type { MadePart } from './build.ts';
import type { Problem } from './content.ts';
import type { MessageContent, SegmentTable } from './document.ts';
import { fieldProblems } from './field-checks.ts';
import { piecesOf } from './html-pieces.ts';
import { UNSUBSCRIBE } from './marks.ts';
import { tableEntity } from './segment-table.ts';
import { spamWordsIn } from './spam-words.ts';

type Found = Pick<Problem, 'code' | 'severity' | 'detail'>;

/** Gmail shows no more than this of a message. */
const CLIPPED_BYTES = 102_000;

/** What is wrong with one language of one variant. */
export function partProblems(part: MadePart, content: MessageContent, catalog: Catalog): Found[] {
  return [
    ...fieldProblems(part, content, catalog),
    ...(content.format === 'text' ? [] : [...subjectProblems(part), ...htmlProblems(part)]),
    ...linkProblems(part),
    ...spamWordsIn(`${part.subject} ${withoutFields(part.text)}`, part.locale).map((word) =>
      warning('spamWord', word),
    ),
    ...(part.text.trim() === '' ? [error('empty')] : []),
  ];
}

const error = (code: string, detail = ''): Found => ({
  code,
  severity: 'error',
  detail: detail.slice(0, 200),
});
const warning = (code: string, detail = ''): Found => ({
  code,
  severity: 'warning',
  detail: detail.slice(0, 200),
});

const withoutFields = (text: string): string => text.replaceAll(/\{[{%][\s\S]*?[%}]\}|%\w+%/g, ' ');

function subjectProblems({ subject }: MadePart): Found[] {
  const words = withoutFields(subject).trim();
  if (subject.trim() === '') return [error('noSubject')];
  const letters = words.replaceAll(/[^\p{Lu}\p{Ll}]/gu, '');
  const isShouting =
    letters.length >= 8 && letters === letters.toUpperCase() && letters !== letters.toLowerCase();
  return [
    ...(isShouting || /[!?]{2,}/.test(words) ? [warning('shouting', words)] : []),
    ...(words.length > 70 ? [warning('longSubject', String(words.length))] : []),
  ];
}

function htmlProblems({ html, text }: MadePart): Found[] {
  const images = piecesOf(html).filter((piece) => piece.kind === 'open').filter(({ tag }) => tag === 'img'); // prettier-ignore
  const bytes = Buffer.byteLength(html);
  return [
    ...images.flatMap(({ attributes }) => {
      const of = (name: string) => attributes.find((each) => each.name === name)?.value;
      const source = of('src') ?? '';
      return [
        ...(of('alt') === undefined ? [warning('noAlt', source)] : []),
        ...(source === '' ? [error('noImage', of('alt'))] : []),
        ...(source.startsWith('http:') ? [warning('insecureImage', source)] : []),
      ];
    }),
    ...(bytes > CLIPPED_BYTES ? [warning('clipped', String(Math.round(bytes / 1000)))] : []),
    ...(`${html}${text}`.includes(UNSUBSCRIBE) ? [] : [warning('noUnsubscribe')]),
  ];
}

function linkProblems({ html, links }: MadePart): Found[] {
  const anchors = piecesOf(html).filter((piece) => piece.kind === 'open').filter(({ tag }) => tag === 'a'); // prettier-ignore
  const addresses = anchors.map(({ attributes }) => attributes.find(({ name }) => name === 'href')?.value);
  const written = addresses.filter(
    (url) => url !== undefined && !/^(%|mailto:|tel:|#\w|\{[{%]|https?:\/\/[^\s{]*\{[{%])/i.test(url),
  );
  return [
    ...addresses.filter((url) => url === undefined || url === '#').map(() => error('brokenLink', '')),
    ...written.filter((url) => url !== '#').map((url) => error('brokenLink', url)),
    ...links.filter(({ url }) => !/\{[{%]/.test(url)).flatMap(({ url }) => addressProblems(url)),
  ];
}

function addressProblems(url: string): Found[] {
  if (URL.parse(url) === null) return [error('brokenLink', url)];
  if (url.startsWith('http:')) return [warning('insecureLink', url)];
  try {
    publicUrl(url);
    return [];
  } catch (problem) {
    if (problem instanceof NotPublic) return [warning('notPublicLink', url)];
    throw problem;
  }
}

/** What is wrong with what all languages share: the tables. */
export const contentProblems = ({ tables }: Pick<MessageContent, 'tables'>, catalog: Catalog): Found[] =>
  Object.entries(tables).flatMap(([name, table]) =>
    tableProblems(table, catalog).map((detail) => error('table', `${name}: ${detail}`)),
  );

function tableProblems(table: SegmentTable, catalog: Catalog): string[] {
  const entity = tableEntity[table.of];
  const fields = [...table.columns.map(({ field }) => field), table.sort.field];
  const unknown = fields.filter((field) => !isColumn(catalog.get(field)?.entity, entity));
  const issues = table.rule === undefined ? [] : issuesOf(table.rule, catalog, entity).map(({ key }) => key);
  const strange = table.segmentId !== undefined && table.of !== 'accounts' ? ['segmentId'] : [];
  return [...new Set([...unknown, ...issues, ...strange])];
}

const isColumn = (of: string | undefined, entity: string): boolean => of === entity || of === 'account';
