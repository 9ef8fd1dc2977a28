/** A stretch of plain text; with `href` it is shown as a link. */
export interface TextSegment {
  text: string;
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^\p{Cc}]+/giu;

/** Plain text with its web addresses told apart. Only http and https become links; nothing of the text is read as markup. */
export function linkedText(text: string): TextSegment[] {
  const segments: TextSegment[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTrailingPunctuation(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) segments.push({ text: text.slice(end, match.index) });
    segments.push({ text: address, href: new URL(address).href });
    end = match.index + address.length;
  }
  if (end < text.length) segments.push({ text: text.slice(end) });
  return segments;
}

/** "(see https://example.com/a)." ends before the bracket, unless the address has one of its own. */
function withoutTrailingPunctuation(address: string): string {
  const trimmed = address.replace(/[.,;:!?。、，）]+$/u, '');
  if (trimmed.endsWith(')') && !trimmed.includes('('))
    return withoutTrailingPunctuation(trimmed.slice(0, -1));
  return trimmed;
}
