import { decode } from './markers.ts';
import { type OpeningTag, type Piece, piecesOf } from './html-pieces.ts';

const blocks = new Set([
  'p', 'div', 'table', 'tr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'hr', 'br', 'center', 'address', 'dt',
  'dd', 'thead', 'tbody', 'tfoot',
]); // prettier-ignore
const spaced = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'blockquote', 'hr']);
const unseen = new Set(['style', 'title', 'head']);

interface Reading {
  lines: string[];
  /** What is skipped until it ends: its tag, and how many of that tag are open. */
  hidden?: { tag: string; depth: number };
  link?: { url: string; from: number };
}

/** Sanitised HTML as text, for readers who see no HTML: links with their addresses, lists with dashes, pictures as what they say. */
export function plainTextOf(html: string): string {
  const reading: Reading = { lines: [] };
  for (const piece of piecesOf(html)) {
    if (reading.hidden !== undefined) skip(reading, reading.hidden, piece);
    else if (piece.kind === 'text') reading.lines.push(piece.text.replaceAll(/[ \t\r\n]+/g, ' '));
    else if (piece.kind === 'open') open(reading, piece);
    else close(reading, piece.tag);
  }
  return tidied(decode(reading.lines.join('')));
}

function skip(reading: Reading, hidden: { tag: string; depth: number }, piece: Piece): void {
  if (piece.kind === 'text' || piece.tag !== hidden.tag) return;
  hidden.depth += piece.kind === 'open' ? 1 : -1;
  if (hidden.depth === 0) delete reading.hidden;
}

function open(reading: Reading, tag: OpeningTag): void {
  if (isHidden(tag)) reading.hidden = { tag: tag.tag, depth: 1 };
  else reading.lines.push(opened(tag));
  if (tag.tag === 'a') reading.link = { url: attributeOf(tag, 'href'), from: reading.lines.length };
}

function close(reading: Reading, tag: string): void {
  const { lines, link } = reading;
  if (tag === 'a' && link !== undefined) {
    lines.push(lines.pop()?.trimEnd() ?? '');
    lines.push(addressOf(link.url, lines.slice(link.from).join('').trim()));
    delete reading.link;
  }
  lines.push(closed(tag));
}

const attributeOf = ({ attributes }: OpeningTag, name: string): string =>
  attributes.find((each) => each.name === name)?.value ?? '';

const isHidden = (tag: OpeningTag): boolean =>
  unseen.has(tag.tag) ||
  (!['br', 'hr', 'img', 'meta'].includes(tag.tag) && /display\s*:\s*none/.test(attributeOf(tag, 'style')));

function opened(tag: OpeningTag): string {
  if (tag.tag === 'img') return attributeOf(tag, 'alt');
  if (tag.tag === 'li') return '\n- ';
  if (tag.tag === 'hr') return '\n\n----\n\n';
  if (tag.tag === 'td' || tag.tag === 'th') return ' ';
  return breakOf(tag.tag);
}

const closed = (tag: string): string => (tag === 'li' ? '' : breakOf(tag));

const breakOf = (tag: string): string => {
  if (!blocks.has(tag)) return '';
  return spaced.has(tag) ? '\n\n' : '\n';
};

/** A link's address, unless what it says is its address. */
function addressOf(url: string, label: string): string {
  const address = decode(url).replace(/^mailto:|^tel:/, '');
  if (/^(mailto|tel):/.test(url) && label !== '') return '';
  if (address === '' || address.startsWith('#') || address === label) return '';
  return label === '' ? address : `: ${address} `;
}

/** Lines without spaces about them, and never more than one empty one. Preheaders are filled with spaces that are none. */
const tidied = (text: string): string =>
  text
    .replaceAll(/[\u034f\u00ad\u200b\u200c]/g, '')
    .split('\n')
    .map((line) => line.replaceAll(/[ \u00a0]+/g, ' ').trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
