import { brandColors } from '../../platform/brand.ts';

import { escapeHtml } from '../escaping.ts';
import type { MessageContent } from '../document.ts';

/** How messages of the brand look. */
export interface Look {
  accent: ReturnType<typeof brandColors>;
  /** Colours as #rrggbb. */
  page: string;
  ink: string;
  /** A list of families, as CSS has it. */
  font: string;
  /** Absolute address of the logo, and how wide it is shown; without one, the brand's name stands by itself. */
  logo: { url: string; width: number } | undefined;
  /** Lines under the foot of each message: who writes, and where they are. */
  address: string;
}

/** Fonts that mail programs have, by what a person calls them. */
export const fonts = {
  system:
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Hiragino Sans', 'Noto Sans CJK JP', sans-serif",
  arial: "Arial, 'Helvetica Neue', Helvetica, 'Hiragino Sans', sans-serif",
  verdana: "Verdana, Geneva, 'Hiragino Sans', sans-serif",
  georgia: "Georgia, 'Times New Roman', 'Hiragino Mincho ProN', serif",
  trebuchet: "'Trebuchet MS', 'Lucida Grande', 'Hiragino Sans', sans-serif",
  courier: "'Courier New', Courier, monospace",
} as const;

/** The look that follows from the settings alone. */
export const plainLook = (): Look => ({
  accent: brandColors(),
  page: '#eef2f5',
  ink: '#17212b',
  font: fonts.system,
  logo: undefined,
  address: '',
});

/** What the layout's pieces say in place of what the look decides. */
export const places = {
  accent: '[[accent]]',
  onAccent: '[[on-accent]]',
  darkAccent: '[[dark-accent]]',
  onDarkAccent: '[[on-dark-accent]]',
  page: '[[page]]',
  ink: '[[ink]]',
  font: '[[font]]',
  brand: '[[brand]]',
  address: '[[address]]',
} as const;

/** Content of the layout's pieces, in a look. */
export function dressed(content: MessageContent, look: Look): MessageContent {
  const { accent, page, ink, font } = look;
  const values: Record<string, string> = {
    [places.accent]: accent.light,
    [places.onAccent]: accent.onLight,
    [places.darkAccent]: accent.dark,
    [places.onDarkAccent]: accent.onDark,
    [places.page]: page,
    [places.ink]: ink,
    [places.font]: font,
    [places.brand]: brandLine(look),
    [places.address]: addressLine(look),
  };
  const fill = (body: string) => body.replaceAll(/\[\[[a-z-]+\]\]/g, (place) => values[place] ?? place);
  return { ...content, variants: content.variants.map((each) => ({ ...each, body: fill(each.body) })) };
}

/** The brand’s mark or logo, as it stands at the top. */
export const brandLine = ({ logo, accent }: Look): string =>
  logo === undefined
    ? `<span class="mark" style="display:inline-block;width:11px;height:11px;border-radius:3px;vertical-align:-1px;background:${accent.light}">&nbsp;</span>&nbsp;&nbsp;<strong>{{ brand.name }}</strong>`
    : `<img src="${escapeHtml(logo.url)}" alt="{{ brand.name }}" width="${String(logo.width)}" style="width:${String(logo.width)}px;max-width:100%;vertical-align:middle;border:0">`;

/** The lines under the foot. Their colour is the layout's: it stays readable on a light page and, by its class, on a dark one. */
export const addressLine = ({ address }: Look): string =>
  address.trim() === ''
    ? ''
    : `\n      <mj-text css-class="px muted" padding="8px 36px 0" font-size="13px" line-height="20px" color="#566370">${escapeHtml(address.trim()).replaceAll(/\r?\n/g, '<br>')}</mj-text>`;
