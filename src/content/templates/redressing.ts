import type { MessageContent } from '../document.ts';
import { escapeHtml } from '../escaping.ts';

import { addressLine, brandLine, type Look } from './dressing.ts';

/**
 * A message that was begun in one look, in another. Only what that look put there is changed: its logo, fonts, address, and its colours where
 * they stand. @returns undefined where nothing of the former look is left
 */
export function redressed(content: MessageContent, from: Look, to: Look): MessageContent | undefined {
  if (content.format !== 'mjml') return undefined;
  const traces = tracesOf(from, to);
  const variants = content.variants.map((each) =>
    traces.some((trace) => each.body.includes(trace)) ? { ...each, body: bodyIn(each.body, from, to) } : each,
  );
  const isSame = variants.every(({ body }, at) => body === content.variants[at]?.body);
  return isSame ? undefined : { ...content, variants };
}

/* Of what differs: most messages have none of it, and are not looked at any closer. */
function tracesOf(from: Look, to: Look): string[] {
  const pairs = [
    [from.accent.light, to.accent.light],
    [from.accent.dark, to.accent.dark],
    [from.page, to.page],
    [from.ink, to.ink],
    [from.font, to.font],
  ] as const;
  const traces = pairs.flatMap(([old, fresh]) => (old === fresh ? [] : [old]));
  if (!isSameLogo(from, to))
    traces.push(from.logo === undefined ? 'class="mark"' : escapeHtml(from.logo.url));
  if (from.address !== to.address) traces.push(linesOf(from.address.trim())[0] || 'links.unsubscribe');
  return traces;
}

const isSameLogo = ({ logo: one }: Look, { logo: other }: Look): boolean =>
  one?.url === other?.url && one?.width === other?.width;

type Swap = (body: string, from: Look, to: Look) => string;

/* What stands upon the accent is found by the accent, so it comes before it. */
const bodyIn: Swap = (body, from, to) =>
  [swapLogo, swapAddress, swapFont, swapUponAccent, swapPage, swapInk, swapAccent].reduce(
    (made, swap) => swap(made, from, to),
    body,
  );

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
const color = (value: string): string => `${literal(value)}(?![0-9a-f])`;

const swapLogo: Swap = (body, from, to) => {
  if (isSameLogo(from, to)) return body;
  const { logo } = from;
  const old =
    logo === undefined
      ? /<span[^>]*\bclass="mark"[^>]*>(?:&nbsp;|\s)*<\/span>(?:&nbsp;|\s)*<strong>\s*\{\{\s*brand\.name\s*\}\}\s*<\/strong>/g
      : new RegExp(
          `<img\\b(?=[^>]*\\bsrc="${literal(escapeHtml(logo.url))}")(?=[^>]*\\bwidth="${String(logo.width)}")[^>]*>`,
          'g',
        );
  return body.replace(old, () => brandLine(to));
};

const swapAddress: Swap = (body, from, to) => {
  const [old, fresh] = [from.address.trim(), to.address.trim()];
  if (old === fresh) return body;
  if (old === '') return fresh === '' || holds(body, fresh) ? body : body.replace(wayOut, (all) => all + addressLine(to));
  const lines = linesOf(old).map(literal).join(String.raw`\s*<br\s*/?>\s*`);
  return body.replace(new RegExp(`\\s*<mj-text\\b[^>]*>\\s*${lines}\\s*</mj-text>`, 'g'), () => addressLine(to));
}; // prettier-ignore

const linesOf = (address: string): string[] => escapeHtml(address).split(/\r?\n/);
const holds = (body: string, address: string): boolean =>
  linesOf(address).every((line) => body.includes(line));

/* The line of the foot by which people leave. */
const wayOut = /<mj-text\b[^>]*>(?:(?!<\/mj-text>)[\s\S])*\{\{\s*links\.unsubscribe\s*\}\}(?:(?!<\/mj-text>)[\s\S])*<\/mj-text>/; // prettier-ignore

const swapFont: Swap = (body, from, to) => body.replaceAll(from.font, to.font);

const swapUponAccent: Swap = (body, { accent: old }, { accent: fresh }) => {
  const upon = (below: string, text: string) =>
    new RegExp(
      String.raw`(background(?:-color)?\s*[:=]\s*"?${color(below)}"?(?:\s*!important)?;?\s*color\s*[:=]\s*"?)${color(text)}`,
      'gi',
    );
  const light = color(old.onLight);
  return body
    .replace(upon(old.light, old.onLight), `$1${fresh.onLight}`)
    .replace(upon(old.dark, old.onDark), `$1${fresh.onDark}`)
    .replace(new RegExp(String.raw`(\.hero[^{}]*\{\s*color:\s*)${light}`, 'gi'), `$1${fresh.onLight}`)
    .replace(hero, (all) => all.replace(new RegExp(`(\\bcolor=")${light}`, 'gi'), `$1${fresh.onLight}`));
};

const hero = /<mj-section\b[^>]*\bcss-class="hero"[\s\S]*?<\/mj-section>/g;

const swapPage: Swap = (body, from, to) =>
  body.replace(
    new RegExp(`(<mj-body\\b[^>]*\\bbackground-color=")${color(from.page)}`, 'gi'),
    `$1${to.page}`,
  );

const swapInk: Swap = (body, from, to) =>
  body.replace(new RegExp(`(<mj-text\\b[^>]*\\scolor=")${color(from.ink)}`, 'gi'), `$1${to.ink}`);

/* Wherever they stand: what somebody gave the brand's colour follows the brand. A colour that the new look has too, for whatever, is nobody's. */
const swapAccent: Swap = (body, { accent: old }, to) => {
  const known = new Set([...Object.values(to.accent), to.page, to.ink]);
  return (['light', 'dark'] as const)
    .filter((name) => !known.has(old[name]))
    .reduce((made, name) => made.replace(new RegExp(color(old[name]), 'gi'), to.accent[name]), body);
};
