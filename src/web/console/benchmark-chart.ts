import { translator } from '../../platform/words.ts';
import { formatsFor } from '../../platform/formats.ts';
import type { Benchmarks, Comparison } from '../../usage/benchmarks.ts';

const t = translator('en', 'console');
const { number } = formatsFor('en', 'UTC');

/** One account among others, as a strip: places are shares of its width in percent. */
export interface BenchmarkStrip {
  from: string;
  width: string;
  middle: string;
  dot: string;
  percentile: number;
  text: string;
}

/** The middle half of the others, their middle, and the account; from nothing to as much as nearly all have. */
export function stripOf(reading: string, { value, quantiles, percentile }: Comparison): BenchmarkStrip {
  const at = (share: number) => quantiles[Math.round(share * (quantiles.length - 1))] ?? 0;
  const most = Math.max(at(0.95), value, Number.MIN_VALUE);
  const place = (of: number) => `${String(Math.round(Math.min(1, of / most) * 960) / 10 + 2)}%`;
  const [low, middle, high] = [at(0.25), at(0.5), at(0.75)];
  return {
    from: place(low),
    width: `${String(Math.max(0.5, Math.round(((Math.min(high, most) - low) / most) * 960) / 10))}%`,
    middle: place(middle),
    dot: place(value),
    percentile: Math.min(99, percentile),
    text: t('benchmarks.strip', {
      reading,
      value: written(value),
      low: written(low),
      middle: written(middle),
      high: written(high),
    }),
  };
}

const written = (value: number) => number(Math.round(value * 10) / 10);

/** Each reading with its two strips, and in words who the peers are. */
export function benchmarkRows({ readings, size, industry }: Benchmarks) {
  const rows = readings.map(({ name, peers, all }) => {
    const label = t(`benchmarks.readings.${name}`);
    return { label, value: written(all.value), peers: stripOf(label, peers), all: stripOf(label, all) };
  });
  const sizeName = size === null || size === '-' ? t('lists.unknown') : t(`lists.sizes.${size}`);
  const kind = size === null ? (industry === null ? 'all' : 'industry') : industry === null ? 'size' : 'both';
  return {
    rows,
    peersAre: t(`benchmarks.what.${kind}`, { size: lowerFirst(sizeName), industry: industry ?? '' }),
  };
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
