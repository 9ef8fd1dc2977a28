import sanitizeHtml from 'sanitize-html';

import { harmlessCss } from './css.ts';

const tags = [
  'html', 'head', 'title', 'meta', 'style', 'body', 'div', 'span', 'p', 'a', 'b', 'strong', 'i', 'em', 'u', 's', 'small', 'sub', 'sup',
  'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'blockquote', 'pre', 'code', 'table', 'thead',
  'tbody', 'tfoot', 'tr', 'td', 'th', 'caption', 'colgroup', 'col', 'img', 'center', 'font', 'address', 'abbr', 'q', 'cite', 'mark',
] as const; // prettier-ignore

const everywhere = [
  'style', 'class', 'id', 'align', 'valign', 'bgcolor', 'width', 'height', 'border', 'cellpadding', 'cellspacing', 'colspan', 'rowspan',
  'role', 'lang', 'dir', 'title', 'aria-*', 'color', 'face', 'size', 'scope',
] as const; // prettier-ignore

const urls = ['href', 'src', 'background', 'cite'];

/**
 * HTML that a mail may be made of: no scripts, forms, frames, objects or event handlers, styles that load nothing unsafe, and addresses of
 * the web, mailboxes and telephones alone. Comments go, too: those that Outlook needs are kept by whoever knows that they are ours.
 */
export const sanitized = (html: string): string =>
  sanitizeHtml(html, {
    allowedTags: [...tags],
    allowVulnerableTags: true,
    allowedAttributes: {
      '*': [...everywhere],
      a: ['href', 'name', 'target', 'rel'],
      img: ['src', 'alt'],
      td: ['background'],
      table: ['background'],
      body: ['background'],
      html: ['xmlns', 'xmlns:v', 'xmlns:o'],
      meta: ['name', 'content', 'charset', 'http-equiv'],
      style: ['type', 'media'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['https', 'http'] },
    allowedSchemesAppliedToAttributes: urls,
    allowProtocolRelative: false,
    parseStyleAttributes: false,
    nestingLimit: 120,
    transformTags: { '*': (tagName, attribs) => ({ tagName, attribs: harmless(attribs) }) },
    exclusiveFilter: ({ tag, attribs }) => tag === 'meta' && /refresh/i.test(attribs['http-equiv'] ?? ''),
  }).replaceAll(
    /(<style[^>]*>)([\s\S]*?)(<\/style>)/g,
    (_all, open: string, css: string, close: string) => `${open}${harmlessCss(css)}${close}`,
  );

const harmless = (attributes: Record<string, string>): Record<string, string> =>
  attributes.style === undefined ? attributes : { ...attributes, style: harmlessCss(attributes.style) };
