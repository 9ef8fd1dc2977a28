import type { Incoming } from './broker.ts';

interface InHand {
  message: Incoming;
  isDone: boolean;
}

/** How far each partition is done without a gap, while messages end in any order. */
export function createProgress() {
  const partitions = new Map<number, InHand[]>();
  const reached = new Map<number, bigint>();
  const waiting: (() => void)[] = [];
  let count = 0;

  return {
    begin(message: Incoming): void {
      const all = partitions.get(message.partition) ?? [];
      partitions.set(message.partition, all);
      all.push({ message, isDone: false });
      count += 1;
    },
    /** It is in hand no longer. Where it has to come again, nothing after it counts as done. */
    end(message: Incoming, isDone: boolean): void {
      const found = partitions.get(message.partition)?.find((each) => each.message === message);
      if (found === undefined) return;
      found.isDone = isDone;
      count -= 1;
      for (const resolve of waiting.splice(0)) resolve();
    },
    inHand: () => count,
    /** Waits until one more is done. */
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
    /** The last message of each partition before which all are done, where that is further than it was. */
    takeDone(): Incoming[] {
      return [...partitions].flatMap(([partition, all]) => {
        const open = all.findIndex(({ isDone }) => !isDone);
        const last = all.splice(0, open < 0 ? all.length : open).at(-1)?.message;
        if (last === undefined || last.offset <= (reached.get(partition) ?? -1n)) return [];
        reached.set(partition, last.offset);
        return [last];
      });
    },
  };
}
