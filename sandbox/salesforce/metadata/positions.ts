/** A place in a file, as Salesforce tells it: both count from 1; the column is the one after a start tag. */
export interface Position {
  line: number;
  column: number;
}

/** Where the root element of a file begins; undefined for what is no XML. */
export function rootPosition(xml: string): Position | undefined {
  const [tag] = withoutComments(xml).matchAll(/<[A-Za-z][^>]*>/g);
  return tag && positionAt(xml, tag.index + tag[0].length);
}

/** Where the element of that name begins which has that fullName; undefined when there is none. */
export function childPosition(xml: string, name: string, fullName: string): Position | undefined {
  const text = withoutComments(xml);
  for (const tag of text.matchAll(new RegExp(`<(?:\\w+:)?${name}(?=[\\s>])[^>]*>`, 'g'))) {
    const inside = text.slice(tag.index, text.indexOf(`${name}>`, tag.index + tag[0].length));
    const [, found] = /<(?:\w+:)?fullName>\s*([^<]*?)\s*</.exec(inside) ?? [];
    if (found === fullName) return positionAt(xml, tag.index + tag[0].length);
  }
  return undefined;
}

/** Comments blanked out, so that offsets stay what they were. */
const withoutComments = (xml: string): string =>
  xml.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
