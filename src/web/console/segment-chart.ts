import type { SegmentDay } from '../../segments/history.ts';
import { translator } from '../../platform/words.ts';
import { line } from '../charts/line.ts';

const short = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

/** How large a list was over the last days. */
export function sizeChart(days: readonly SegmentDay[]) {
  const t = translator('en', 'console');
  return line({
    labels: days.map(({ day }) => short.format(new Date(day))),
    head: t('segments.day'),
    series: [{ label: t('segments.members'), tone: 'accent', values: days.map(({ members }) => members) }],
  });
}
