/**
 * What can become of a delivery, from the least to the most telling. Each is a bit of `deliveries.flags` (its place here), set once it
 * happened; `deliveries.outcome` is the rank of the highest, 0 for nothing yet. So neither the order nor the number of reports matters.
 */
export const outcomes = [
  'processed', 'deferred', 'delivered', 'dropped', 'blocked', 'bounced', 'opened', 'clicked', 'unsubscribed', 'complained',
] as const; // prettier-ignore
export type Outcome = (typeof outcomes)[number];

/** Further bits: what machines did, that the person did what the campaign was for, that they closed a message in the product. They are no outcomes. */
export const marks = ['machine_opened', 'machine_clicked', 'converted', 'dismissed'] as const;
export type Mark = (typeof marks)[number];

/** The bit of an outcome or mark in `deliveries.flags`. The counters of a run (`run_statistics.counts`) have one of the same name each. */
export const flagOf = (name: Outcome | Mark): number =>
  1 <<
  (name in placeOfMark ? outcomes.length + placeOfMark[name as Mark] : outcomes.indexOf(name as Outcome));

const placeOfMark: Record<Mark, number> = {
  machine_opened: 0,
  machine_clicked: 1,
  converted: 2,
  dismissed: 3,
};

/** The outcome of a rank of `deliveries.outcome`; undefined while nothing is known. */
export const outcomeOf = (rank: number): Outcome | undefined => outcomes[rank - 1];

/** All bits that are outcomes. */
export const OUTCOME_BITS = 2 ** outcomes.length - 1;

/** All bits that follow from events: outcomes and what machines did. */
export const EVENT_BITS =
  OUTCOME_BITS | flagOf('machine_opened') | flagOf('machine_clicked') | flagOf('dismissed');
