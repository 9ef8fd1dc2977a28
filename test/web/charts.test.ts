import { describe, expect, test } from 'vitest';

import { columns, rows } from '../../src/web/charts/bars.ts';
import { writerOf } from '../../src/web/charts/figures.ts';
import { line } from '../../src/web/charts/line.ts';
import { ring } from '../../src/web/charts/ring.ts';
import { sparkline } from '../../src/web/charts/sparkline.ts';
import { stackedColumns, stackedRows } from '../../src/web/charts/stacked.ts';

describe('a ring', () => {
  const slices = [
    { label: 'Good', value: 75, tone: 'good' as const, href: '/g' },
    { label: 'Average', value: 0, tone: 'average' as const },
    { label: 'Poor', value: 25, tone: 'poor' as const },
  ];

  test('gives each slice its share, one after another from the top', () => {
    const drawn = ring({ slices, heads: ['Rank', 'Accounts', 'Share'] });
    expect(drawn.slices.map(({ share, offset }) => [share, offset])).toEqual([
      ['75%', 25],
      ['0%', -50],
      ['25%', -50],
    ]);
    expect(drawn.table.rows[0]).toEqual({ label: 'Good', href: '/g', cells: ['75', '75%'] });
  });

  test('of nothing is drawn without dividing by it', () => {
    const { slices: none } = ring({
      slices: slices.map((slice) => ({ ...slice, value: 0 })),
      heads: ['', '', ''],
    });
    expect(none.map(({ share }) => share)).toEqual(['0%', '0%', '0%']);
  });
});

describe('bars', () => {
  const items = [
    { label: 'May', value: 10 },
    { label: 'June', value: 0 },
    { label: 'July', value: 20, href: '/july' },
  ];

  test('reach to their value on a scale from nothing to a round number', () => {
    const chart = columns({ items, heads: ['Month', 'Accounts'] });
    expect(chart.bars.map(({ height }) => height)).toEqual([100, 0, 200]);
    expect(chart.ticks.map(({ label }) => label)).toEqual(['0', '5', '10', '15', '20']);
    expect(chart.bars[2]).toMatchObject({ title: 'July: 20', href: '/july' });
    expect(chart.isLinked).toBe(true);
  });

  test('that are all nothing have no height', () => {
    const chart = columns({ items: [{ label: 'May', value: 0 }], heads: ['', ''] });
    expect(chart.bars[0]?.height).toBe(0);
  });

  test('lying beside their names are as long as their share of the longest, and the least is still seen', () => {
    const chart = rows({ items: [...items, { label: 'August', value: 0.001 }], heads: ['', ''] });
    expect(chart.rows.map(({ width }) => width)).toEqual(['50%', '0%', '100%', '0.5%']);
  });

  test('made of parts stand on each other, and their table sums them up', () => {
    const parts = [
      { label: 'Good', tone: 'good' as const },
      { label: 'Poor', tone: 'poor' as const },
    ];
    const chart = stackedColumns({
      items: [{ label: 'May', values: [6, 4] }],
      parts,
      heads: ['Month', 'All'],
    });
    expect(chart.bars[0]?.parts.map(({ y, height }) => [y, height])).toEqual([
      [80, 120],
      [0, 80],
    ]);
    expect(chart.table.rows).toEqual([{ label: 'May', href: undefined, cells: ['6', '4', '10'] }]);
    const lying = stackedRows({
      items: [{ label: 'Clara', values: [1, 3] }],
      parts,
      heads: ['', ''],
      length: 'whole',
    });
    expect(lying.rows[0]?.parts.map(({ x, width }) => [x, width])).toEqual([
      ['0%', '25%'],
      ['25%', '75%'],
    ]);
  });
});

describe('a line', () => {
  const given = { labels: ['Mon', 'Tue', 'Wed', 'Thu'], head: 'Day', domain: [0, 100] as const };

  test('breaks where there was no value, and a value alone is a dot', () => {
    const { lines, slots } = line({
      ...given,
      series: [{ label: 'Score', tone: 'accent', values: [50, null, 100, 0] }],
    });
    expect(lines[0]?.path).toBe('M0,100M666.67,0L1000,200');
    expect(lines[0]?.alone).toEqual([{ x: '0%', y: 100 }]);
    expect(slots.map(({ title }) => title)).toEqual(['Mon: 50', 'Tue: –', 'Wed: 100', 'Thu: 0']);
  });

  test('stands before its bands, with what happened on the way', () => {
    const chart = line({
      ...given,
      series: [{ label: 'Score', tone: 'accent', values: [null, null, null, null] }],
      bands: [{ from: 70, to: 100, tone: 'good', label: 'Good' }],
      markers: [{ at: 1, label: 'The contract changed' }],
    });
    expect(chart.bands).toEqual([{ y: 0, height: 60, tone: 'good', label: 'Good' }]);
    expect(chart.markers).toEqual([{ x: '33.33%', label: 'The contract changed', number: 1 }]);
    expect(chart.slots[1]?.title).toContain('The contract changed');
    expect(chart.lines[0]?.end).toBeUndefined();
  });

  test('as small as a word ends with the newest value', () => {
    expect(sparkline([1, 2, null, 3]).end).toEqual({ x: 93, y: 3 });
    expect(sparkline([]).path).toBe('');
  });
});

test('figures are written in full beside the chart, and short on its scale', () => {
  expect(writerOf('money').full(1_234_500)).toBe('$12,345');
  expect(writerOf('money').short(123_450_000)).toBe('1.2M');
  expect(writerOf('share').full(0.1234)).toBe('12.3%');
});
