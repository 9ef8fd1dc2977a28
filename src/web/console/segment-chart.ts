import type { SegmentDay } from '../../segments/history.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';
import { line } from '../charts/line.ts';

/** How large a list was over the last days. */
export function sizeChart(days: readonly SegmentDay[]) {
  const t = translator('en', 'console');
  const { date } = formatsFor('en', 'UTC');
  return line({
    labels: days.map(({ day }) => date(day)),
    head: t('segments.day'),
    series: [{ label: t('segments.members'), tone: 'accent', values: days.map(({ members }) => members) }],
  });
}
