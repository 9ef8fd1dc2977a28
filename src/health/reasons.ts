import type { Formats } from '../platform/formats.ts';
import type { Translate } from '../platform/words.ts';

import type { Fact, Reason } from './ranks.ts';

/** A reason as a sentence: what was read, a count or a day. */
export const sentenceOf = ({ facts }: Reason, t: Translate, date: Formats['date']): string =>
  facts.map((fact) => told(fact, t, date)).join('; ');

/** A reading as a sentence. */
export function told({ reading, value }: Fact, t: Translate, date: Formats['date']): string {
  if (value === null) return t(`healthProfiles.absent.${reading}`);
  return t(
    `healthProfiles.told.${reading}`,
    typeof value === 'number' ? { count: value } : { date: date(value) },
  );
}
