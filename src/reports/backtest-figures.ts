import type { Backtest } from './backtest.ts';
import { selectNames } from './backtest.queries.ts';
import { linesOf } from './backtest-run.ts';

type Figures = Record<string, string | number>;

/** Every outcome of a backtest in the given words: one row each, with the columns of each side numbered. */
export async function figuresOf(
  { id, sides, choices }: Backtest,
  words: Record<'kept' | 'lost' | 'yes' | 'no', string>,
): Promise<Figures[]> {
  const [names, ...lines] = await Promise.all([
    selectNames(id),
    ...sides.map((_, side) => linesOf(id, side, choices)),
  ]);
  const [first = []] = lines;
  return first.map(({ accountId, dueOn, kept, valueMinor }, at) => {
    const row: Figures = {
      account: names.get(accountId) ?? accountId,
      accountId,
      dueOn,
      outcome: kept ? words.kept : words.lost,
      value: valueMinor / 100,
    };
    lines.forEach((side, number) => Object.assign(row, judgementOf(side[at], String(number), words)));
    return row;
  });
}

function judgementOf(
  line: Awaited<ReturnType<typeof linesOf>>[number] | undefined,
  side: string,
  words: Record<'yes' | 'no', string>,
): Figures {
  if (line?.score == null) return {};
  return {
    [`judgedOn${side}`]: line.judgedOn ?? '',
    [`rank${side}`]: line.rank ?? '',
    [`score${side}`]: line.score,
    [`warned${side}`]: line.warned ? words.yes : words.no,
    [`leadDays${side}`]: line.leadDays,
  };
}
