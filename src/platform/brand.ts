import { config } from './config.ts';

type Rgb = readonly [number, number, number];

const white: Rgb = [255, 255, 255];
const ink: Rgb = [17, 24, 32];

/* The darkest surface that a link stands on in the light theme, and the lightest in the dark one: see public/css/tokens.css. */
const lightSurface: Rgb = [234, 239, 243];
const darkSurface: Rgb = [35, 43, 53];

/** What WCAG 2.2 AA asks of text. */
const ENOUGH = 4.5;

/**
 * The accent of both themes as CSS variables, taken from BRAND_COLOR: moved towards ink or white only as far as text in it
 * stays readable, so that any brand's colour can be used.
 */
export function brandTokens(color = config.BRAND_COLOR): string {
  const brand = rgbOf(color);
  const light = readableOn(lightSurface, brand, ink);
  const dark = readableOn(darkSurface, brand, white);
  return `:root{--brand:${color};--accent:light-dark(${css(light)},${css(dark)});--on-accent:light-dark(${css(onTop(light))},${css(onTop(dark))})}`;
}

function readableOn(surface: Rgb, color: Rgb, towards: Rgb): Rgb {
  for (let step = 0; step <= 20; step++) {
    const moved = mix(color, towards, step / 20);
    if (contrast(moved, surface) >= ENOUGH) return moved;
  }
  return towards;
}

const onTop = (color: Rgb): Rgb => (contrast(color, white) >= ENOUGH ? white : ink);

/** The contrast ratio of two colours, 1 to 21 (WCAG 2.2, “contrast ratio”). */
function contrast(one: Rgb, other: Rgb): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const mix = (from: Rgb, to: Rgb, share: number): Rgb => [
  Math.round(from[0] + (to[0] - from[0]) * share),
  Math.round(from[1] + (to[1] - from[1]) * share),
  Math.round(from[2] + (to[2] - from[2]) * share),
];

function rgbOf(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

const css = (color: Rgb) => `rgb(${color.join(' ')})`;

const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** The accent as mails have it, which know no variables: on white and on near-black, each with the colour of text upon it. */
export function brandColors(
  color = config.BRAND_COLOR,
): Record<'light' | 'onLight' | 'dark' | 'onDark', string> {
  const light = readableOn(white, rgbOf(color), ink);
  const dark = readableOn(darkSurface, rgbOf(color), white);
  return { light: hex(light), onLight: hex(onTop(light)), dark: hex(dark), onDark: hex(onTop(dark)) };
}
