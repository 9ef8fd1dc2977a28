import type { Locale } from '../../platform/locale.ts';

import { places } from './dressing.ts';
import { footerWords } from './footer-words.ts';

/*
 * The pieces that the delivered templates are put together from: one look, 600 pixels wide, in columns that stack on a telephone, in system
 * fonts, with colours of its own where it is dark. No pictures: a mail says everything before any are loaded.
 */

/* What the brand decides is put in later (dressing.ts). */
const accent = { light: places.accent, onLight: places.onAccent, dark: places.darkAccent, onDark: places.onDarkAccent } as const; // prettier-ignore

const color = {
  page: places.page,
  card: '#ffffff',
  ink: places.ink,
  muted: '#566370',
  tint: '#f3f7f9',
} as const;

const FONT = places.font;

const styles = `
  a { color: ${accent.light}; }
  .hero a { color: ${accent.onLight}; }
  @media only screen and (max-width: 480px) {
    .px { padding-left: 22px !important; padding-right: 22px !important; }
    .box > table > tbody > tr > td { padding-left: 22px !important; padding-right: 22px !important; }
    .figures > table > tbody > tr > td { padding-left: 10px !important; padding-right: 10px !important; }
    .title div { font-size: 25px !important; line-height: 31px !important; }
    .wide table, .wide td, .wide a { width: 100% !important; box-sizing: border-box; }
    .wide a { padding-left: 0 !important; padding-right: 0 !important; text-align: center !important; }
  }
  @media (prefers-color-scheme: dark) {
    body, .page, .page > div { background: #0e1318 !important; background-color: #0e1318 !important; }
    .card, .card > table { background: #171e26 !important; background-color: #171e26 !important; }
    .card div, .card td { color: #e8edf2 !important; }
    .page .muted div, .page .muted td, .page .muted a { color: #a3afbb !important; }
    .tint > table > tbody > tr > td { background: #222c37 !important; background-color: #222c37 !important; }
    .card a, .accent div { color: ${accent.dark} !important; }
    .hero, .hero > table { background: ${accent.light} !important; background-color: ${accent.light} !important; }
    .hero div, .hero a { color: ${accent.onLight} !important; }
    .button td, .button a { background: ${accent.dark} !important; background-color: ${accent.dark} !important; color: ${accent.onDark} !important; }
    .mark { background: ${accent.dark} !important; color: ${accent.onDark} !important; }
  }`;

interface Page {
  locale: Locale;
  /** What the mail is about, in a word or two, beside the brand's name. */
  kicker: string;
  sections: string;
  /** Why somebody gets it. */
  reason: 'customer' | 'service';
}

/** A whole message: head, the brand's line, a card with these sections, and the foot with the ways out. */
export const page = ({ locale, kicker, sections, reason }: Page): string => `<mjml lang="${locale}">
<mj-head>
  <mj-title>{{ brand.name }}</mj-title>
  <mj-attributes>
    <mj-all font-family="${FONT}" />
    <mj-text font-size="16px" line-height="25px" color="${color.ink}" padding="0 36px 16px" css-class="px" />
    <mj-section padding="0" />
    <mj-button background-color="${accent.light}" color="${accent.onLight}" font-size="16px" font-weight="600" border-radius="8px" inner-padding="13px 26px" padding="8px 36px 28px" align="left" />
  </mj-attributes>
  <mj-style>${styles}</mj-style>
</mj-head>
<mj-body background-color="${color.page}" css-class="page">
  <mj-section padding="28px 0 14px">
    <mj-column>
      <mj-text css-class="px muted" padding="0 36px" font-size="14px" line-height="20px" color="${color.muted}">${places.brand} &nbsp;·&nbsp; ${kicker}</mj-text>
    </mj-column>
  </mj-section>
  <mj-wrapper background-color="${color.card}" border-radius="14px" padding="0" css-class="card">
${sections}
  </mj-wrapper>
  <mj-section padding="20px 0 36px">
    <mj-column>
      <mj-text css-class="px muted" padding="0 36px 8px" font-size="13px" line-height="20px" color="${color.muted}">${footerWords[locale][reason]}</mj-text>
      <mj-text css-class="px muted" padding="0 36px" font-size="13px" line-height="20px" color="${color.muted}"><a href="{{ links.preferences }}" style="color:${color.muted}">${footerWords[locale].preferences}</a> &nbsp;·&nbsp; <a href="{{ links.unsubscribe }}" style="color:${color.muted}">${footerWords[locale].unsubscribe}</a> &nbsp;·&nbsp; <a href="mailto:{{ brand.supportEmail }}" style="color:${color.muted}">{{ brand.supportEmail }}</a></mj-text>${places.address}
    </mj-column>
  </mj-section>
</mj-body>
</mjml>`;

/** Rows of the card. */
export const section = (...content: string[]): string =>
  `<mj-section><mj-column>\n${content.join('\n')}\n</mj-column></mj-section>`;

/** The band of colour that some mails begin with. */
export const hero = (
  title: string,
  text: string,
): string => `<mj-section background-color="${accent.light}" css-class="hero" padding="36px 0 30px"><mj-column>
<mj-text css-class="px title" padding="0 36px 10px" font-size="30px" line-height="37px" font-weight="700" color="${accent.onLight}">${title}</mj-text>
<mj-text css-class="px" padding="0 36px" font-size="17px" line-height="26px" color="${accent.onLight}">${text}</mj-text>
</mj-column></mj-section>`;

export const space = (pixels: number): string => `<mj-spacer height="${pixels}px" />`;

export const title = (text: string): string =>
  `<mj-text css-class="px title" padding="0 36px 14px" font-size="28px" line-height="35px" font-weight="700">${text}</mj-text>`;

export const heading = (text: string): string =>
  `<mj-text css-class="px" padding="6px 36px 6px" font-size="18px" line-height="25px" font-weight="650">${text}</mj-text>`;

export const paragraph = (text: string): string => `<mj-text>${text}</mj-text>`;

export const quiet = (text: string): string =>
  `<mj-text css-class="px muted" font-size="14px" line-height="22px" color="${color.muted}">${text}</mj-text>`;

export const button = (text: string, href: string): string =>
  `<mj-button css-class="px button wide" href="${href}">${text}</mj-button>`;

export const table = (name: string): string =>
  `<mj-text padding="2px 28px 22px" css-class="px">{% table "${name}" %}</mj-text>`;

/** Something to be seen at a glance, in a tinted box. */
export const box = (...content: string[]): string =>
  `<mj-section padding="4px 36px 22px" css-class="box"><mj-column background-color="${color.tint}" border-radius="10px" padding="18px 22px" css-class="tint">\n${content.join('\n')}\n</mj-column></mj-section>`;

export const figure = (value: string, label: string): string =>
  `<mj-text css-class="in" padding="0" font-size="24px" line-height="32px" font-weight="700">${value}</mj-text>
<mj-text css-class="muted" padding="0" font-size="14px" line-height="21px" color="${color.muted}">${label}</mj-text>`;

/** Figures side by side, on a telephone too. */
export const figures = (...each: { value: string; label: string }[]): string =>
  `<mj-section css-class="figures" padding="4px 24px 20px"><mj-group>${each
    .map(
      ({ value, label }) =>
        `<mj-column padding="0 6px"><mj-text css-class="muted" padding="0 6px" font-size="13px" line-height="19px" color="${color.muted}">${label}</mj-text><mj-text css-class="in" padding="0 6px 4px" font-size="21px" line-height="29px" font-weight="700">${value}</mj-text></mj-column>`,
    )
    .join('')}</mj-group></mj-section>`;

/** Numbered steps. */
export const steps = (each: readonly { title: string; text: string }[]): string =>
  each
    .map(
      (step, i) =>
        `<mj-text padding="0 36px 18px"><table width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td width="44" valign="top" style="padding-top:2px"><div class="mark" style="width:30px;height:30px;border-radius:15px;background:${accent.light};color:${accent.onLight};font-size:15px;line-height:30px;font-weight:700;text-align:center">${i + 1}</div></td><td style="font-size:16px;line-height:24px"><strong>${step.title}</strong><br>${step.text}</td></tr></table></mj-text>`,
    )
    .join('\n');

/** Rows of a label and what it says. */
export const details = (rows: readonly (readonly [string, string])[]): string =>
  `<mj-text css-class="in" padding="0" font-size="15px" line-height="23px"><table width="100%" cellpadding="0" cellspacing="0" border="0">${rows
    .map(
      ([label, text]) =>
        `<tr><td width="72" valign="top" style="padding:3px 10px 3px 0;opacity:.7">${label}</td><td valign="top" style="padding:3px 0"><strong>${text}</strong></td></tr>`,
    )
    .join('')}</table></mj-text>`;

/** Who writes: the success manager of the account, or the company where there is none. */
export const signature = (greeting: string, team: string): string =>
  `<mj-text padding="4px 36px 32px">${greeting}<br>{% if manager.name %}<strong>{{ manager.name }}</strong><br><span style="font-size:14px;opacity:.75">{% if manager.title %}{{ manager.title }}, {% endif %}{{ brand.name }}{% if manager.email %}<br>{{ manager.email }}{% endif %}</span>{% else %}<strong>${team}</strong>{% endif %}</mj-text>`;
