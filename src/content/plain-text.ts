import { decode } from './markers.ts';
import { type OpeningTag, piecesOf } from './html-pieces.ts';

const blocks = new Set([
  'p', 'div', 'table', 'tr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'hr', 'br', 'center', 'address', 'dt',
  'dd', 'thead', 'tbody', 'tfoot',
]); // prettier-ignore
const spaced = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'blockquote', 'hr']);
const unseen = new Set(['style', 'title', 'head']);

/** Sanitised HTML as text, for readers who see no HTML: links with their addresses, lists with dashes, pictures as what they say. */
export function plainTextOf(html: string): string {
  const lines: string[] = [];
  let hidden: string | undefined;
  let depth = 0;
  let link: { url: string; from: number } | undefined;
  for (const piece of piecesOf(html)) {
    if (hidden !== undefined) {
      if (piece.kind === 'open' && piece.tag === hidden) depth += 1;
      if (piece.kind === 'close' && piece.tag === hidden && --depth === 0) hidden = undefined;
    } else if (piece.kind === 'text') lines.push(piece.text.replaceAll(/[ \t\r\n]+/g, ' '));
    else if (piece.kind === 'open') {
      if (isHidden(piece)) [hidden, depth] = [piece.tag, 1];
      else lines.push(opened(piece));
      if (piece.tag === 'a') link = { url: attributeOf(piece, 'href'), from: lines.length };
    } else {
      if (piece.tag === 'a' && link !== undefined) {
        lines.push(lines.pop()?.trimEnd() ?? '', addressOf(link.url, lines.slice(link.from).join('').trim()));
        link = undefined;
      }
      lines.push(closed(piece.tag));
    }
  }
  return tidied(decode(lines.join('')));
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
