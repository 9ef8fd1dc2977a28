/** A piece of a template: what stands there as it is, `{{ … }}`, or `{% … %}`. */
export interface Token {
  kind: 'static' | 'output' | 'tag';
  /** As it was written. */
  text: string;
  /** What stands between the braces, trimmed. */
  inner: string;
  /** Of a tag, its name. */
  name: string;
}

const piece = /\{\{-?([\s\S]*?)-?\}\}|\{%-?([\s\S]*?)-?%\}/g;

/** A template in pieces, in their order; together they are the template. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  const keep = (text: string) => {
    if (text !== '') tokens.push({ kind: 'static', text, inner: '', name: '' });
  };
  for (const match of source.matchAll(piece)) {
    const [text, output, tag] = match;
    keep(source.slice(from, match.index));
    const inner = (output ?? tag ?? '').trim();
    const name = output === undefined ? (/^[#\w]+/.exec(inner)?.[0] ?? '') : '';
    tokens.push({ kind: output === undefined ? 'tag' : 'output', text, inner, name });
    from = match.index + text.length;
  }
  keep(source.slice(from));
  return tokens;
}

const opening = new Set(['if', 'unless', 'case', 'for']);
const closing = new Set(['endif', 'endunless', 'endcase', 'endfor']);

/** A template's pieces with blocks as one: `{% if … %}` to its `{% endif %}`, whatever is within. */
export function blocksOf(source: string): Token[] {
  const blocks: Token[] = [];
  let depth = 0;
  let block: Token | undefined;
  for (const token of tokensOf(source)) {
    if (block === undefined) blocks.push((block = { ...token }));
    else block.text += token.text;
    if (token.kind === 'tag' && opening.has(token.name)) depth += 1;
    if (token.kind === 'tag' && closing.has(token.name)) depth -= 1;
    if (depth <= 0) block = undefined;
  }
  return blocks;
}
