import { type DriftDay } from '../../platform/salesforce/mirror/drift-summary.ts';

/** A bar for each day in a box of `width` × `height`: how many rows were compared, and how many of them differed. */
export interface DriftChart {
  width: number;
  height: number;
  bars: {
    day: string;
    x: number;
    width: number;
    y: number;
    height: number;
    differing: number;
    mark: number;
  }[];
}

const WIDTH = 600;
const HEIGHT = 120;
/** What differs is seldom more than a few among many: its bar is never thinner than this. */
const THINNEST = 3;

export function driftChart(days: readonly DriftDay[]): DriftChart {
  const most = Math.max(1, ...days.map(({ compared }) => compared));
  const step = WIDTH / Math.max(1, days.length);
  return {
    width: WIDTH,
    height: HEIGHT,
    bars: days.map(({ day, compared, differing }, index) => {
      const height = (compared / most) * HEIGHT;
      const mark = differing === 0 ? 0 : Math.max(THINNEST, (differing / most) * HEIGHT);
      return {
        day,
        x: round(index * step + step * 0.15),
        width: round(step * 0.7),
        y: round(HEIGHT - height),
        height: round(height),
        differing,
        mark: round(mark),
      };
    }),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
