import { unmarkedHtml, unmarkedText } from './marks.ts';

/** Where in a message a value stands; each place has its own dangers. */
export const places = ['text', 'attribute', 'url', 'url_part', 'plain', 'header'] as const;
export type Place = (typeof places)[number];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const special = /[&<>"']/g;
const anySpecial = /[&<>"'%]/;

/** Text as HTML that shows it. */
export const escapeHtml = (text: string): string =>
  anySpecial.test(text)
    ? unmarkedHtml(text.replace(special, (character) => entities[character] ?? ''))
    : text;

/** A whole address that a value brings: of the web or a mailbox, else it leads nowhere. */
export function safeUrl(text: string): string {
  const trimmed = text.trim();
  const url = URL.parse(trimmed);
  if (url === null || !['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol)) return '#';
  return url.username === '' && url.password === '' ? url.href : '#';
}

/** What makes a told value fit for its place. */
export const escapes: Record<Place, (text: string) => string> = {
  text: escapeHtml,
  attribute: (text) => escapeHtml(text.replaceAll(/\s+/g, ' ')),
  url: (text) => escapeHtml(safeUrl(text)),
  url_part: (text) => encodeURIComponent(text),
  plain: unmarkedText,
  /* One line, whatever the value holds: the rest would be headers of its own (CWE-93). */
  header: (text) =>
    unmarkedText(
      text
        .replaceAll(/[\s\u0085\u2028\u2029]+/g, ' ')
        .trim()
        .slice(0, 250),
    ),
};
