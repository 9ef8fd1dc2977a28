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
  /** Links that cannot be followed up: a loop makes them anew for each of its rows. */
  uncounted: string[];
}

const systemLinks = new Map([
  ['links.unsubscribe', UNSUBSCRIBE],
  ['links.preferences', PREFERENCES],
]);
const urlAttributes = ['href', 'src', 'background', 'cite'];
const textAttributes = ['alt', 'title', 'aria-label', 'content'];

/** Puts merge fields back into sanitised HTML. */
export function placed(html: string, marked: Marked, numbering: Numbering): Placed {
  const placing: Placing = { marked, numbering, loops: loopsOf(marked), misplaced: [], uncounted: [] };
  const linked: string[] = [];
  const back: string[] = [];
  const pieces = piecesOf(html);
  let isStyle = false;
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind !== 'text' && piece.tag === 'style') isStyle = piece.kind === 'open';
    if (piece.kind === 'open') {
      const tag =
        piece.tag === 'a' ? withTracking(piece, placing, labelAfter(pieces.slice(i + 1, i + 12))) : piece;
      linked.push(written(tag));
      back.push(written(withFields(tag, placing)));
    } else {
      linked.push(piece.text);
      placing.loops.follow(piece.text);
      back.push(isStyle ? withoutFields(piece.text, placing) : fieldsBack(piece.text, marked, 'text'));
    }
  }
  return {
    html: back.join(''),
    linked: linked.join(''),
    misplaced: placing.misplaced,
    uncounted: placing.uncounted,
  };
}

interface Placing {
  marked: Marked;
  numbering: Numbering;
  loops: { isWithin: () => boolean; follow: (text: string) => void };
  misplaced: string[];
  uncounted: string[];
}

/** A link that goes by its mark, where it can be followed up. */
function withTracking(tag: OpeningTag, placing: Placing, label: string): OpeningTag {
  const attributes = tag.attributes.map((each) =>
    each.name === 'href'
      ? { name: each.name, value: trackable(each.value, placing, label) ?? each.value }
      : each,
  );
  return { ...tag, attributes };
}

function withoutFields(text: string, { marked, misplaced }: Placing): string {
  misplaced.push(...tokensIn(text, marked).map((token) => token.text));
  return text.replaceAll(marked.marker, '');
}

/** A text whose merge fields are back in it. */
export const fieldsBack = (text: string, { marker, tokens }: Marked, place: string): string =>
  text.replaceAll(marker, (_word, index: string) => {
    const token = tokens[Number(index)];
    if (token === undefined) return '';
    return systemLinks.get(token.inner) ?? restored(token, place);
  });

export const tokensIn = (text: string, { marker, tokens }: Marked): Token[] =>
  [...text.matchAll(marker)].flatMap(([, index]) => tokens[Number(index)] ?? []);

/** Whether a loop is open where one is in the HTML. */
function loopsOf(marked: Marked) {
  let depth = 0;
  return {
    isWithin: () => depth > 0,
    follow: (text: string) => {
      for (const { kind, name } of tokensIn(text, marked)) {
        if (kind === 'tag' && name === 'for') depth += 1;
        if (kind === 'tag' && name === 'endfor') depth -= 1;
      }
    },
  };
}

/** The mark of a link that can be followed up; undefined for mailboxes, our own links, and those that are made within a message's own logic. */
function trackable(value: string, placing: Placing, label: string): string | undefined {
  const { marked, numbering, uncounted } = placing;
  const tokens = tokensIn(value, marked);
  if (/^(?:mailto|tel):/i.test(value) || (tokens.length === 0 && !/^https?:\/\//i.test(value)))
    return undefined;
  if (tokens.some(({ inner }) => systemLinks.has(inner))) return undefined;
  if (tokens.length > 0 && isOfLogic(tokens, placing)) {
    uncounted.push(decode(value).replaceAll(marked.marker, (_word, at: string) => marked.tokens[Number(at)]?.text ?? '')); // prettier-ignore
    return undefined;
  }
  const url = urlTemplate(decode(value), marked);
  return linkMark(numbering.numberOf(url, label));
}

/* What a loop or a variable holds is known only where it stands; fields within a condition are known to the whole message. */
const isOfLogic = (tokens: readonly Token[], { loops, marked }: Placing): boolean =>
  loops.isWithin() ||
  tokens.some(({ kind, inner }) => kind === 'tag' || variablesOf(marked).some((name) => new RegExp(`\\b${name}\\b`).test(inner))); // prettier-ignore

const variablesOf = ({ tokens }: Marked): string[] =>
  tokens.flatMap(
    ({ name, inner }) => /^(?:assign|capture)\s+(\w+)/.exec(name === '' ? '' : inner)?.[1] ?? [],
  );

/** An address as a template: what begins it may be an address of its own, what follows is a part of one. */
const urlTemplate = (value: string, { marker, tokens }: Marked): string =>
  value.replaceAll(marker, (_word, index: string, at: number) => {
    const token = tokens[Number(index)];
    return token === undefined ? '' : restored(token, at === 0 ? 'plain' : 'url_part');
  });

function withFields(tag: OpeningTag, placing: Placing): OpeningTag {
  const { marked } = placing;
  const attributes = tag.attributes.map(({ name, value }) => {
    const tokens = tokensIn(value, marked);
    if (tokens.length === 0) return { name, value };
    if (urlAttributes.includes(name)) return { name, value: addressBack(value, marked) };
    if (textAttributes.includes(name) && tokens.every((token) => tableOf(token) === undefined))
      return { name, value: fieldsBack(value, marked, 'attribute') };
    return { name, value: withoutFields(value, placing) };
  });
  return { ...tag, attributes };
}

function addressBack(value: string, { marker, tokens }: Marked): string {
  return value.replaceAll(marker, (_word, index: string, at: number) => {
    const token = tokens[Number(index)];
    if (token === undefined) return '';
    return systemLinks.get(token.inner) ?? restored(token, at === 0 ? 'url' : 'url_part');
  });
}

const labelAfter = (pieces: readonly { kind: string; text: string; tag?: string }[]): string => {
  const end = pieces.findIndex(({ kind, tag }) => kind === 'close' && tag === 'a');
  const text = pieces.slice(0, end < 0 ? 0 : end).filter(({ kind }) => kind === 'text');
  return text.map((piece) => piece.text).join(' ').replaceAll(/\s+/g, ' ').trim().slice(0, 120); // prettier-ignore
};
