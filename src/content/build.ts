import { randomBytes } from 'node:crypto';

import type { Catalog } from '../rules/fields.ts';

import { contentProblems, partProblems } from './checks.ts';
import type { Built, BuiltPart, Problem } from './content.ts';
import type { Format, MessageContent, Variant } from './document.ts';
import { escapeHtml } from './escaping.ts';
import { knownFields } from './field-checks.ts';
import { withoutComments, putBack, setAside } from './outlook.ts';
import { marked } from './markers.ts';
import { linkMark, OPEN, unmarkedHtml, unmarkedText } from './marks.ts';
import { catalogs } from './merge-fields.ts';
import { htmlOf } from './mjml.ts';
import { fieldsBack, type Numbering, placed, tokensIn } from './placing.ts';
import { plainTextOf } from './plain-text.ts';
import { sanitized } from './sanitize.ts';

/** One language of one variant as it was made, with what was found wrong on the way. */
export interface MadePart extends BuiltPart {
  problems: Omit<Problem, 'locale' | 'variant'>[];
}

/**
 * Makes of what an author wrote what can be sent: HTML and text with merge fields in them, escaped by where they stand. It never fails for
 * what an author wrote: what cannot be made is left out, and said among the problems.
 */
export async function build(content: MessageContent): Promise<{ built: Built; problems: Problem[] }> {
  const { merge, table } = await catalogs();
  const numbering = numberingOf();
  const made: MadePart[] = [];
  for (const variant of content.variants) made.push(await makePart(variant, content.format, numbering));
  const problems = made.flatMap((part) => {
    const { locale, variant } = part;
    const found = [...part.problems, ...partProblems(part, content, merge)];
    return found.map((problem): Problem => ({ ...problem, locale, variant }));
  });
  const parts = made.map(({ locale, variant, subject, html, text, links }) => ({
    locale,
    variant,
    subject,
    html,
    text,
    links,
  }));
  const fields = fieldsOf(made, merge);
  return {
    built: { parts, fields },
    problems: [...contentProblems(content, table), ...problems].slice(0, 100),
  };
}

const fieldsOf = (made: readonly MadePart[], catalog: Catalog): string[] => [
  ...new Set(made.flatMap((part) => knownFields(part, catalog))),
];

/** Gives each address of a version one number. */
function numberingOf(): Numbering & { all: () => BuiltPart['links'] } {
  const links = new Map<string, BuiltPart['links'][number]>();
  const numberOf = (url: string, label: string) => {
    const link = links.get(url) ?? { number: links.size + 1, url, label };
    links.set(url, link);
    return link.number;
  };
  return { numberOf, all: () => [...links.values()] };
}

type Numbered = ReturnType<typeof numberingOf>;

async function makePart(source: Variant, format: Format, numbering: Numbered): Promise<MadePart> {
  const { locale, variant } = source;
  const title = marked(source.subject);
  const subject = fieldsBack(unmarkedText(title.source), title, 'header');
  const body =
    format === 'text' ? plainPart(source.body, numbering) : await htmlPart(source, format, numbering);
  const own =
    source.text?.trim() === '' || source.text === undefined ? undefined : plainPart(source.text, numbering);
  const text = own?.text ?? body.text;
  const used = new Set([...`${body.html}${text}`.matchAll(/%l(\d+)%/g)].map(([, number]) => Number(number)));
  const links = numbering.all().filter(({ number }) => used.has(number));
  return {
    locale,
    variant,
    subject,
    html: body.html,
    text,
    links,
    problems: [...errors('notAllowed', title.refused), ...body.problems, ...(own?.problems ?? [])],
  };
}

type Body = Pick<MadePart, 'html' | 'text' | 'problems'>;

const errors = (code: string, details: readonly string[]): MadePart['problems'] =>
  details.map((detail) => ({ code, severity: 'error', detail: detail.slice(0, 200) }));

function plainPart(source: string, numbering: Numbering): Body {
  const from = marked(source);
  const linked = unmarkedText(from.source).replaceAll(ADDRESS, (url) =>
    tokensIn(url, from).length === 0 ? linkMark(numbering.numberOf(url, '')) : url,
  );
  return { html: '', text: fieldsBack(linked, from, 'plain'), problems: errors('notAllowed', from.refused) };
}

/* An address in a text; the full stop after it is the sentence's. */
const ADDRESS = /https?:\/\/[^\s<>"'{}]*[^\s<>"'{}.,;:!?)\]]/g;

async function htmlPart(source: Variant, format: Format, numbering: Numbering): Promise<Body> {
  const from = marked(source.body);
  const nonce = `m${randomBytes(5).toString('hex')}`;
  const clean = withoutComments(from.source);
  const { html, errors: objections } =
    format === 'mjml' ? await markup(clean, source.locale, from.marker) : { html: clean, errors: [] };
  const { html: bare, comments } = setAside(html, nonce);
  const safe = unmarkedHtml(sanitized(bare));
  const { html: back, linked, misplaced, uncounted } = placed(safe, from, numbering);
  const whole = framed(putBack(back, nonce, comments.map((comment) => comment.replaceAll(from.marker, ''))), source); // prettier-ignore
  const words = plainTextOf(linked.replaceAll(new RegExp(`${nonce}o\\d+z`, 'g'), '')).replaceAll(
    '&#37;',
    '%\u2060',
  );
  const text = fieldsBack(words, from, 'plain').replaceAll(TAG_ALONE, '$1$2');
  return {
    html: whole,
    text,
    problems: [
      ...errors('notAllowed', from.refused),
      ...errors(html === '' ? 'markupFails' : 'markup', objections).map((each) => ({
        ...each,
        severity: html === '' ? ('error' as const) : ('warning' as const),
      })),
      ...errors('misplaced', html === '' ? [] : [...new Set([...misplaced, ...lost(safe, from)])]),
      ...errors('uncounted', [...new Set(uncounted)]).map((each) => ({
        ...each,
        severity: 'warning' as const,
      })),
    ],
  };
}

/* A condition in a line of its own leaves no line behind. */
const TAG_ALONE = /(^|\n)[ \t]*(\{%[^%]*%\})[ \t]*\n+/g;

/** Merge fields that did not come through: between elements, where markup has no place for text. */
function lost(html: string, { tokens, marker }: ReturnType<typeof marked>): string[] {
  const found = new Set([...html.matchAll(marker)].map(([, index]) => Number(index)));
  return tokens.filter((_token, index) => !found.has(index)).map(({ text }) => text);
}

async function markup(
  source: string,
  locale: string,
  marker: RegExp,
): Promise<{ html: string; errors: string[] }> {
  if (/<mj-include/i.test(source)) return { html: '', errors: ['mj-include'] };
  const { html, errors } = await htmlOf(withLanguage(conditionsWrapped(source, marker), locale));
  return { html, errors: errors.map((error) => error.replaceAll(marker, '…')) };
}

const withLanguage = (source: string, locale: string): string =>
  source.replace(/<mjml(?=[\s>])(?![^>]*\slang=)/i, `<mjml lang="${locale}"`);

/** `{% if … %}` around sections and columns stands where markup has no text: it is taken through as it is. */
function conditionsWrapped(source: string, marker: RegExp): string {
  const between = new RegExp(`(<\\/?mj-(?:body|wrapper|section|column|group|raw|text|button|image|divider|spacer|table|social|hero)\\b[^>]*>\\s*)((?:${marker.source}\\s*)+)(?=<\\/?mj-)`, 'gi'); // prettier-ignore
  return source.replaceAll(between, (all, tag: string, words: string) =>
    /^<mj-(?:text|button|table|raw)\b/i.test(tag) && !/\/>\s*$/.test(tag)
      ? all
      : `${tag}<mj-raw>${words}</mj-raw>`,
  );
}

/** A whole document, whatever came: with what a preview shows first, the place of the open pixel, and whether it has dark colours. */
function framed(html: string, { locale, preheader }: Variant): string {
  const document = /<body[\s>]/i.test(html)
    ? html.trim()
    : `<html lang="${locale}"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head><body style="margin:0;padding:16px">${html}</body></html>`;
  const scheme = /prefers-color-scheme\s*:\s*dark/.test(document) ? 'light dark' : 'light';
  const declared = `<meta name="color-scheme" content="${scheme}"><meta name="supported-color-schemes" content="${scheme}">`;
  const known = document.includes('<meta name="color-scheme"')
    ? document
    : document.replace(/<head[^>]*>/i, (head) => `${head}${declared}`);
  const opened = known.replace(/<body[^>]*>/i, (body) => `${body}${hiddenPreheader(preheader)}`);
  const withPixel = opened.includes('</body>')
    ? opened.replace(/<\/body>(?![\s\S]*<\/body>)/, `${OPEN}</body>`)
    : `${opened}${OPEN}`;
  return `<!doctype html>\n${withPixel.replaceAll(/\n\s*\n+/g, '\n').replaceAll(/^[ \t]+/gm, '')}`;
}

/* After it, spaces that nobody sees keep the beginning of the body out of the preview. */
function hiddenPreheader(preheader: string): string {
  if (preheader.trim() === '') return '';
  const from = marked(preheader);
  const text = fieldsBack(escapeHtml(from.source), from, 'text');
  return `<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden">${text}${'&#847;&zwnj;&nbsp;'.repeat(40)}</div>`;
}
