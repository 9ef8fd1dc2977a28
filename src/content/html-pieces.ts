/** A piece of sanitised HTML, which is regular: attributes in double quotes, brackets escaped. */
export type Piece =
  { kind: 'text'; text: string } | OpeningTag | { kind: 'close'; text: string; tag: string };

export interface OpeningTag {
  kind: 'open';
  text: string;
  tag: string;
  attributes: Attribute[];
}

export interface Attribute {
  name: string;
  /** As it is written, with entities. */
  value: string;
}

const piece = /<(\/?)([a-z][\w:-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/gi;
const attribute = /\s+([\w:-]+)(?:="([^"]*)")?/g;

/** HTML in pieces, in their order; together they are the HTML. */
export function piecesOf(html: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of html.matchAll(piece)) {
    const [text, slash, name = '', attributes = ''] = match;
    if (match.index > from) pieces.push({ kind: 'text', text: html.slice(from, match.index) });
    const tag = name.toLowerCase();
    pieces.push(
      slash === '/'
        ? { kind: 'close', text, tag }
        : { kind: 'open', text, tag, attributes: attributesOf(attributes) },
    );
    from = match.index + text.length;
  }
  if (from < html.length) pieces.push({ kind: 'text', text: html.slice(from) });
  return pieces;
}

const attributesOf = (text: string): Attribute[] =>
  [...text.matchAll(attribute)].map(([, name = '', value = '']) => ({ name: name.toLowerCase(), value }));

/** A tag with other attributes. */
export const written = ({ tag, attributes, text }: OpeningTag): string =>
  `<${tag}${attributes.map(({ name, value }) => ` ${name}="${value}"`).join('')}${text.endsWith('/>') ? ' /' : ''}>`;
