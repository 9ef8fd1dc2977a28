import type { AccountUsage } from '../../usage/account-usage.ts';

/** Bars of days, ready to be drawn in a box of `width` × `height`. */
export interface UsageChart {
  width: number;
  height: number;
  from: string;
  to: string;
  /** Events of the busiest day. */
  most: number;
  bars: { day: string; events: number; x: number; y: number; width: number; height: number }[];
}

/** The chart of an account's days, oldest first; a day without use has no bar. */
export function usageChart(days: AccountUsage['days']): UsageChart {
  const [width, height] = [900, 120];
  const most = Math.max(0, ...days.map(({ events }) => events));
  const step = width / Math.max(1, days.length);
  const bars = days.flatMap(({ day, events }, index) => {
    if (events === 0) return [];
    const tall = Math.max(2, Math.round((events / most) * height));
    return [
      {
        day,
        events,
        x: Math.round(index * step) + 1,
        y: height - tall,
        width: Math.floor(step) - 2,
        height: tall,
      },
    ];
  });
  return { width, height, from: days[0]?.day ?? '', to: days.at(-1)?.day ?? '', most, bars };
}
