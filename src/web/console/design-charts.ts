import { RANKS, ranks } from '../../health/ranks.ts';
import type { Translate } from '../../platform/words.ts';
import { columns, rows } from '../charts/bars.ts';
import type { Tone } from '../charts/figures.ts';
import { line } from '../charts/line.ts';
import { ring } from '../charts/ring.ts';
import { sparkline } from '../charts/sparkline.ts';
import { stackedColumns, stackedRows } from '../charts/stacked.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const managers = ['Clara Mendes', 'Daniel Reyes', 'Priya Raman', 'Sam Whitfield'];
const here = '/console/design';

/** A sample of each chart, for the page that shows the design. */
export function designCharts(t: Translate) {
  const words = (name: string) => t(`design.charts.${name}`);
  return {
    ...plain(words),
    ...ofRanks(t, words),
    line: scores(t, words),
    sparkline: sparkline([3, 4, 4, 6, 5, 7, 8, 8, 11, 10, 12, 14], { tone: 'good' }),
  };
}

type Words = (name: string) => string;

const plain = (words: Words) => ({
  columns: columns({
    items: months.map((label, index) => ({ label, value: (index * 7) % 19 })),
    heads: [words('month'), words('accounts')],
  }),
  rows: rows({
    items: managers.map((label, index) => ({
      label,
      value: 120 - index * 31,
      href: `${here}#${String(index)}`,
    })),
    heads: [words('manager'), words('accounts')],
  }),
});

function ofRanks(t: Translate, words: Words) {
  const parts = ranks.map((rank) => ({ label: t(`health.${rank}`), tone: rank }));
  const [good, average, poor] = [214, 131, 86];
  return {
    ring: ring({
      slices: parts.map((part, index) => ({
        ...part,
        value: [good, average, poor][index] ?? 0,
        href: `${here}#${part.tone}`,
      })),
      heads: [words('rank'), words('accounts'), words('share')],
      center: '65',
    }),
    stacked: stackedColumns({
      items: months.map((label, index) => ({
        label, values: [good + index * 4, average - index, poor - index * 2], href: `${here}#${label}`,
      })), // prettier-ignore
      parts,
      heads: [words('month'), words('accounts')],
    }),
    stackedRows: stackedRows({
      items: managers.map((label, index) => ({
        label,
        values: [60 - index * 11, 30 - index * 4, 12 + index],
        hrefs: ranks.map((rank) => `${here}#${String(index)}-${rank}`),
      })),
      parts,
      heads: [words('manager'), words('accounts')],
    }),
  };
}

function scores(t: Translate, words: Words) {
  const band = (tone: Tone, from: number, to: number) => ({ tone, from, to, label: t(`health.${tone}`) });
  return line({
    labels: months,
    series: [
      {
        label: 'Halden Cold Storage',
        tone: 'accent',
        values: [82, 80, 71, 60, 44, 35, 35, 48, 62, 74, 77, 79],
      },
      {
        label: words('base'),
        tone: 'muted',
        stroke: 'dashed',
        values: [64, 64, 65, 65, 64, 63, 64, 65, 66, 66, 66, 67],
      },
    ],
    head: words('month'),
    domain: [0, 100],
    bands: [
      band('good', RANKS.good, 100),
      band('average', RANKS.average, RANKS.good),
      band('poor', 0, RANKS.average),
    ],
    markers: [{ at: 6, label: words('marker') }],
  });
}
