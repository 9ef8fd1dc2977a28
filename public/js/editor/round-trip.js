/*
 * MJML on its way into the canvas and back. The canvas knows elements alone and reads them as HTML: what stands beside them (the head, Liquid
 * between sections, comments) and what it cannot draw is set aside as it is, so that it comes back letter by letter.
 */
const containers = new Set(['mj-body', 'mj-wrapper', 'mj-section', 'mj-group', 'mj-column', 'mj-hero', 'mj-social', 'mj-navbar']);
const opaque = new Set(['mj-table', 'mj-raw', 'mj-accordion', 'mj-carousel', 'mj-include', 'mj-html-attributes']);
const tag = () => /<(\/?)(mj-[a-z-]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>/gi;

const kept = (text) => `<mj-kept data-kept="${encodeURIComponent(text)}"></mj-kept>`;

/** What is set aside, as it was. */
export const keptText = (encoded) => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return '';
  }
};

/** @returns the source for the canvas and what belongs around it; undefined when it cannot be drawn without losing something */
export function toCanvas(source) {
  const open = /^\s*(<mjml\b[^>]*>)/i.exec(source);
  const head = /<mj-head\b[^>]*\/>|<mj-head\b[^>]*>[\s\S]*?<\/mj-head>/i.exec(source)?.[0] ?? '';
  const body = /<mj-body\b[\s\S]*<\/mj-body>/i.exec(source)?.[0];
  if (open === null || body === undefined) return undefined;
  const rest = source.replace(open[1], '').replace(head, '').replace(body, '').replace(/<\/mjml>/i, '');
  if (rest.trim() !== '') return undefined;
  const drawn = drawable(body);
  return drawn === undefined ? undefined : { open: open[1], head, body: drawn };
}

function drawable(body) {
  const stack = [];
  const pattern = tag();
  let out = '';
  let from = 0;
  const inContainer = () => stack.length === 0 || containers.has(stack.at(-1));
  const between = (text) => (inContainer() ? (text.trim() === '' ? '' : kept(text.trim())) : text);
  for (let found = pattern.exec(body); found !== null; found = pattern.exec(body)) {
    const [whole, closing, name, attributes, isVoid] = found;
    const lower = name.toLowerCase();
    out += between(body.slice(from, found.index));
    from = pattern.lastIndex;
    if (closing !== '') {
      if (stack.pop() !== lower) return undefined;
      out += `</${lower}>`;
    } else if (opaque.has(lower) || (lower === 'mj-text' && isVoid === '' && movesFields(body, from))) {
      const end = isVoid ? -1 : body.toLowerCase().indexOf(`</${lower}>`, from);
      if (!isVoid && end < 0) return undefined;
      const until = isVoid ? from : end + lower.length + 3;
      out += kept(body.slice(found.index, until));
      from = pattern.lastIndex = until;
    } else {
      out += isVoid ? `<${lower}${attributes}></${lower}>` : whole.replace(name, lower);
      if (isVoid === '') stack.push(lower);
    }
  }
  return stack.length === 0 ? out + body.slice(from).trim() : undefined;
}

/* Browsers move text that stands between the rows and cells of a table out of it. */
function movesFields(body, from) {
  const end = body.toLowerCase().indexOf('</mj-text>', from);
  return /<\/?(?:table|tbody|thead|tr|td|th)\b[^>]*>\s*\{[{%][^<]*<\/?(?:tbody|thead|tr|td|th|table)\b/i.test(body.slice(from, end).replaceAll(/<t[dh]\b[^>]*>[^<]*<\/t[dh]>/gi, '<td></td>')) ;
}

/** The whole source of what the canvas holds now. */
export function fromCanvas(markup, { open, head }) {
  const body = /<mj-body\b[\s\S]*<\/mj-body>/i.exec(markup)?.[0] ?? '<mj-body></mj-body>';
  return `${open}\n${head === '' ? '' : `${head}\n`}${laidOut(withFields(body))}\n</mjml>`;
}

/* Browsers write `>` and quotes in their own way; within a merge field they mean what they mean. */
const withFields = (text) =>
  text.replaceAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, (field) =>
    field.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&#39;', "'").replaceAll('\u00a0', ' ').replaceAll('&nbsp;', ' ').replaceAll('&amp;', '&'),
  );

/* One element of the layout a line, so that the source can be read and versions compared. */
function laidOut(body) {
  const pattern = /<(\/?)(mj-[a-z-]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|<mj-raw>[\s\S]*?<\/mj-raw>/gi;
  let depth = 0;
  let out = '';
  let from = 0;
  let isText = false;
  const line = (text) => {
    out += `${out === '' ? '' : '\n'}${'  '.repeat(Math.max(depth, 0))}${text}`;
  };
  for (let found = pattern.exec(body); found !== null; found = pattern.exec(body)) {
    const [whole, closing, name, , isVoid] = found;
    const between = body.slice(from, found.index);
    from = pattern.lastIndex;
    const isContainer = containers.has(name?.toLowerCase());
    if (isText) out += between;
    else if (between.trim() !== '') line(between.trim());
    if (closing === '/') {
      if (isContainer) {
        depth -= 1;
        line(whole);
      } else out += whole;
      isText = false;
    } else {
      line(whole);
      if (isContainer && isVoid === '') depth += 1;
      isText = !isContainer && isVoid === '' && name !== undefined;
    }
  }
  return out + body.slice(from);
}
