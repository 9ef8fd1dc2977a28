/** Asks for the answer under a key; another version of it, or one that is too old, is worked out anew. */
export interface Keeper<T> {
  (asked: Asked, work: () => Promise<T>): Promise<T>;
  /** Whether nobody who asks now would have to wait. */
  has: (asked: Asked) => boolean;
}

interface Asked {
  key: string;
  version: string;
}

interface KeptAnswer<T> {
  version: string;
  until: number;
  /** For so long it is kept, and given for as long again while a new one is worked out. */
  milliseconds: number;
  answer: Promise<T>;
  isRenewed: boolean;
}

/* What is worked out ahead of those who will ask is done one after the other: pages come between. */
let ahead: Promise<unknown> = Promise.resolve();

/**
 * Keeps answers that cost much and are the same for everybody who asks. Whoever asks while one is being worked out waits for it, so
 * that a crowd costs one. An answer that has had its time is given for as long again, while a new one is worked out: nobody waits for
 * what many ask for. What failed is not kept.
 * @param options.times An answer is kept at least so many times as long as it took: what costs much is worked out the more seldom.
 */
export function keeping<T>(options: { milliseconds: number; most: number; times?: number }): Keeper<T> {
  const { milliseconds, most, times = 0 } = options;
  const kept = new Map<string, KeptAnswer<T>>();

  async function workedOut(
    key: string,
    version: string,
    work: () => Promise<T>,
    start = performance.now(),
  ): Promise<T> {
    const mine: KeptAnswer<T> = { version, until: Infinity, milliseconds, answer: work(), isRenewed: false };
    kept.delete(key);
    kept.set(key, mine);
    for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest);
    try {
      const answer = await mine.answer;
      mine.milliseconds = Math.max(milliseconds, times * (performance.now() - start));
      mine.until = start + mine.milliseconds;
      return answer;
    } catch (error) {
      if (kept.get(key) === mine) kept.delete(key);
      throw error;
    }
  }

  /** The old answer stays until the new one is there. */
  async function renew(key: string, old: KeptAnswer<T>, work: () => Promise<T>): Promise<void> {
    if (kept.get(key) !== old) return;
    const start = performance.now();
    const answer = work();
    try {
      await answer;
    } catch {
      old.until = -Infinity;
      return;
    }
    if (kept.get(key) === old) await workedOut(key, old.version, () => answer, start);
  }

  const usable = (asked: Asked) => ifUsable(kept.get(asked.key), asked.version);

  const keeper = async ({ key, version }: Asked, work: () => Promise<T>): Promise<T> => {
    const known = usable({ key, version });
    if (known === undefined) return await workedOut(key, version, work);
    if (performance.now() > known.until && !known.isRenewed) {
      known.isRenewed = true;
      ahead = ahead.then(() => renew(key, known, work));
    }
    return await known.answer;
  };
  return Object.assign(keeper, { has: (asked: Asked) => (usable(asked)?.until ?? Infinity) < Infinity });
}

function ifUsable<T>(known: KeptAnswer<T> | undefined, version: string): KeptAnswer<T> | undefined {
  const isUsable = known?.version === version && performance.now() - known.until <= known.milliseconds;
  return isUsable ? known : undefined;
}
