import { areEnough, type Estimate, newcombe, type Share, wilson } from './intervals.ts';

/** What became of one wording, of those to whom it was sent; opens and clicks are those of humans. */
export interface MeasuredVariant {
  variant: number;
  sent: number;
  delivered: number;
  opened: number;
  clicked: number;
  machineOpened: number;
  machineClicked: number;
  unsubscribed: number;
  converted: number;
}

/** By what variants are held against each other: what humans did, or the goal. */
export const winnerMeasures = ['clicked', 'opened', 'converted'] as const;
export type WinnerMeasure = (typeof winnerMeasures)[number];

export interface JudgedVariant extends MeasuredVariant {
  rate: Estimate;
}

/**
 * Holds variants against each other. One has won when it is above each other one beyond chance: the interval of the difference,
 * widened for as many comparisons as there are, leaves out nought.
 */
export function judgeVariants(
  variants: readonly MeasuredVariant[],
  by: WinnerMeasure,
): {
  variants: JudgedVariant[];
  verdict: 'too_few' | 'no_difference' | 'winner';
  leader: number | undefined;
} {
  const share = (one: MeasuredVariant): Share => ({ count: one[by], of: one.sent });
  const judged = variants.map((one) => ({ ...one, rate: wilson(share(one)) }));
  const [first, ...others] = judged.toSorted((one, other) => other.rate.value - one.rate.value);
  if (first === undefined || others.length === 0)
    return { variants: judged, verdict: 'too_few', leader: undefined };
  const isSaid = others.every((other) => areEnough(share(first), share(other)));
  const isAbove = others.every((other) => newcombe(share(first), share(other), others.length).low > 0);
  const verdict = !isSaid ? 'too_few' : isAbove ? 'winner' : 'no_difference';
  return { variants: judged, verdict, leader: first.variant };
}
