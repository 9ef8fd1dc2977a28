import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { brandTokens } from '../../src/platform/brand.ts';

const luminance = (color: number[]) => {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

function contrast(one: number[], other: number[]): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The colors of a brand's tokens: accent light and dark, then what stands on them. */
const colorsOf = (color: string) =>
  [...brandTokens(color).matchAll(/rgb\((\d+) (\d+) (\d+)\)/g)].map((match) => match.slice(1).map(Number));

describe('the accent', () => {
  test('is the brand’s own color where that can be read', () => {
    expect(brandTokens('#0b6e8f')).toContain('--accent:light-dark(rgb(11 110 143)');
  });

  test('can be read in both themes, and so can what stands on it, whatever the brand’s color', () => {
    const channel = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, '0'));
    fc.assert(
      fc.property(fc.tuple(channel, channel, channel), (channels) => {
        const [light = [], dark = [], onLight = [], onDark = []] = colorsOf(`#${channels.join('')}`);
        expect(contrast(light, [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, [23, 31, 40])).toBeGreaterThanOrEqual(4.5);
        expect(contrast(light, onLight)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, onDark)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});
