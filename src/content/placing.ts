import { type OpeningTag, piecesOf, written } from './html-pieces.ts';
import { decode, type Marked, restored, tableOf } from './markers.ts';
import { linkMark, PREFERENCES, UNSUBSCRIBE } from './marks.ts';
import type { Token } from './tokens.ts';

/** The links of a version, each address once. */
export interface Numbering {
  /** @param url as a template of its own */
  numberOf: (url: string, label: string) => number;
}

/** HTML whose merge fields are back in it, each escaped for where it stands, and the links that can be followed up. */
export interface Placed {
  html: string;
  /** The same with words for merge fields still, and links as marks: what the text part is made of. */
  linked: string;
  /** Merge fields where none can stand: in styles, in the names of things. */
  misplaced: string[];
}

const systemLinks: Record<string, string> = {
  'links.unsubscribe': UNSUBSCRIBE,
  'links.preferences': PREFERENCES,
};
const urlAttributes = ['href', 'src', 'background', 'cite'];
const textAttributes = ['alt', 'title', 'aria-label', 'content'];
const opening = ['if', 'unless', 'case', 'for'];
const closing = ['endif', 'endunless', 'endcase', 'endfor'];

/** Puts merge fields back into sanitised HTML. */
export function placed(html: string, marked: Marked, numbering: Numbering): Placed {
  const linked: string[] = [];
  const restoredPieces: string[] = [];
  const misplaced: string[] = [];
  const depth = depthOf(marked);
  let isStyle = false;
  const pieces = piecesOf(html);
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind === 'open' && piece.tag === 'style') isStyle = true;
    if (piece.kind === 'close' && piece.tag === 'style') isStyle = false;
    if (piece.kind === 'open') {
      const label = piece.tag === 'a' ? labelAfter(pieces.slice(i + 1, i + 12)) : '';
      const attributes = piece.attributes.map((each) => {
        const url =
          each.name === 'href' && piece.tag === 'a'
            ? trackable(each.value, { marked, depth, numbering, label })
            : undefined;
        return url === undefined ? each : { name: each.name, value: url };
      });
      const tag = { ...piece, attributes };
      linked.push(written(tag));
      restoredPieces.push(written(withFields(tag, marked, misplaced)));
    } else {
      linked.push(piece.text);
      if (piece.kind === 'text') depth.follow(piece.text);
      if (isStyle) misplaced.push(...tokensIn(piece.text, marked).map(({ text }) => text));
      restoredPieces.push(
        isStyle ? piece.text.replaceAll(marked.marker, '') : fieldsBack(piece.text, marked, 'text'),
      );
    }
  }
  return { html: restoredPieces.join(''), linked: linked.join(''), misplaced };
}

/** A text whose merge fields are back in it. */
export const fieldsBack = (text: string, { marker, tokens }: Marked, place: string): string =>
  text.replaceAll(marker, (_word, index: string) => {
    const token = tokens[Number(index)];
    if (token === undefined) return '';
    return systemLinks[token.inner] ?? restored(token, place);
  });

export const tokensIn = (text: string, { marker, tokens }: Marked): Token[] =>
  [...text.matchAll(marker)].flatMap(([, index]) => tokens[Number(index)] ?? []);

/** How many blocks are open where one is in the HTML. */
function depthOf(marked: Marked) {
  let depth = 0;
  return {
    isWithin: () => depth > 0,
    follow: (text: string) => {
      for (const { kind, name } of tokensIn(text, marked)) {
        if (kind === 'tag' && opening.includes(name)) depth += 1;
        if (kind === 'tag' && closing.includes(name)) depth -= 1;
      }
    },
  };
}

interface Tracking {
  marked: Marked;
  depth: { isWithin: () => boolean };
  numbering: Numbering;
  label: string;
}

/** The mark of a link that can be followed up; undefined for mailboxes, our own links, and those that a loop makes. */
function trackable(value: string, { marked, depth, numbering, label }: Tracking): string | undefined {
  const tokens = tokensIn(value, marked);
  if (tokens.length === 0 && !/^https?:\/\//i.test(value)) return undefined;
  if (tokens.some(({ inner }) => systemLinks[inner] !== undefined)) return undefined;
  if (tokens.length > 0 && (depth.isWithin() || tokens.some(({ kind }) => kind === 'tag'))) return undefined;
  const url = urlTemplate(decode(value), marked);
  return linkMark(numbering.numberOf(url, label));
}

/** An address as a template: what begins it may be an address of its own, what follows is a part of one. */
const urlTemplate = (value: string, { marker, tokens }: Marked): string =>
  value.replaceAll(marker, (_word, index: string, at: number) => {
    const token = tokens[Number(index)];
    return token === undefined ? '' : restored(token, at === 0 ? 'plain' : 'url_part');
  });

function withFields(tag: OpeningTag, marked: Marked, misplaced: string[]): OpeningTag {
  const attributes = tag.attributes.map(({ name, value }) => {
    const tokens = tokensIn(value, marked);
    if (tokens.length === 0) return { name, value };
    if (urlAttributes.includes(name)) return { name, value: addressBack(value, marked) };
    if (textAttributes.includes(name) && tokens.every((token) => tableOf(token) === undefined))
      return { name, value: fieldsBack(value, marked, 'attribute') };
    misplaced.push(...tokens.map(({ text }) => text));
    return { name, value: value.replaceAll(marked.marker, '') };
  });
  return { ...tag, attributes };
}

function addressBack(value: string, { marker, tokens }: Marked): string {
  return value.replaceAll(marker, (_word, index: string, at: number) => {
    const token = tokens[Number(index)];
    if (token === undefined) return '';
    return systemLinks[token.inner] ?? restored(token, at === 0 ? 'url' : 'url_part');
  });
}

const labelAfter = (pieces: readonly { kind: string; text: string; tag?: string }[]): string => {
  const end = pieces.findIndex(({ kind, tag }) => kind === 'close' && tag === 'a');
  const text = pieces.slice(0, end < 0 ? 0 : end).filter(({ kind }) => kind === 'text');
  return text.map((piece) => piece.text).join(' ').replaceAll(/\s+/g, ' ').trim().slice(0, 120); // prettier-ignore
};
