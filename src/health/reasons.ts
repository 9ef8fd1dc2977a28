import type { Formats } from '../platform/formats.ts';
import type { Translate } from '../platform/words.ts';

import type { Penalty, Reason } from './penalties.ts';

/** A reason as a sentence: what was read, a count or a day. */
export function sentenceOf({ code, value }: Reason, t: Translate, date: Formats['date']): string {
  return t(`health.reasons.${code}`, typeof value === 'number' ? { count: value } : { date: date(value) });
}

/** A line of the published table as a sentence: when it applies. */
export function ruleOf({ code, threshold }: Penalty, t: Translate): string {
  return t(`health.rules.${code}`, { count: threshold });
}
