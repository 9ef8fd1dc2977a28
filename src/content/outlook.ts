import { harmlessCss } from './css.ts';

/*
 * Outlook shows what stands in conditional comments (`<!--[if mso]> … <![endif]-->`), which is how MJML lays things out there. An author's
 * comments are taken out of the source beforehand, so those in what MJML makes are its own; each is looked at nevertheless.
 */

/** Takes an author's comments out of a source, whole ones and pieces of some. */
export function withoutComments(source: string): string {
  let before: string;
  let after = source;
  do {
    before = after;
    after = before.replaceAll(/<!--[\s\S]*?-->|<!--|-->|<!\[[^>]*>?/g, '');
  } while (after !== before);
  return after;
}

const conditional =
  /<!--\[if !mso\]><!-->|<!--<!\[endif\]-->|<!--\[if [!\w\s|&()]*\]>[\s\S]*?<!\[endif\]-->/g;

/** HTML of MJML with words where its conditional comments were, and the comments. */
export function setAside(html: string, nonce: string): { html: string; comments: string[] } {
  const comments: string[] = [];
  const without = html.replaceAll(conditional, (comment) => {
    comments.push(isMjmls(comment) ? comment : '');
    return `${nonce}o${comments.length - 1}z`;
  });
  return { html: without, comments };
}

/** The comments back where they were. */
export const putBack = (html: string, nonce: string, comments: readonly string[]): string =>
  html.replaceAll(
    new RegExp(`${nonce}o(\\d+)z`, 'g'),
    (_word, index: string) => comments[Number(index)] ?? '',
  );

const allowed = new Set([
  'table', 'tbody', 'tr', 'td', 'div', 'p', 'br', 'meta', 'noscript', 'xml', 'style', 'o:officedocumentsettings', 'o:allowpng', 'o:pixelsperinch',
  'v:rect', 'v:fill', 'v:textbox', 'v:image', 'v:background', 'w:anchorlock', 'v:roundrect', 'center',
]); // prettier-ignore

/** Whether there is nothing in a comment but what MJML writes into them. */
function isMjmls(comment: string): boolean {
  const inner = comment.replace(/^<!--\[if [^\]]*\]>/, '').replace(/<!\[endif\]-->$/, '');
  const tags = [...inner.matchAll(/<\/?\s*([^\s>/]+)([^>]*)>/g)];
  const areKnown = tags.every(
    ([, name = '', attributes = '']) => allowed.has(name.toLowerCase()) && !/\son\w+\s*=/i.test(attributes),
  );
  const isQuiet =
    !/javascript:|vbscript:|data:/i.test(inner) &&
    harmlessCss(inner.replaceAll(/[<>]/g, '')) === inner.replaceAll(/[<>]/g, '');
  return (
    /^<!--(\[if !mso\]><!-->|<!\[endif\]-->)$/.test(comment) ||
    (areKnown && isQuiet && !inner.includes('<!--'))
  );
}
