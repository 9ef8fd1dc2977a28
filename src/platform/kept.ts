/** Asks for the answer under a key; another version of it, or one that is too old, is worked out anew. */
export type Keeper<T> = (asked: { key: string; version: string }, work: () => Promise<T>) => Promise<T>;

interface KeptAnswer<T> {
  version: string;
  until: number;
  answer: Promise<T>;
}

/**
 * Keeps answers that cost much and are the same for everybody who asks. Whoever asks while one is being worked out waits for it, so
 * that a crowd costs one. What failed is not kept.
 * @param options.times An answer is kept at least so many times as long as it took: what costs much is worked out the more seldom.
 */
export function keeping<T>(options: { milliseconds: number; most: number; times?: number }): Keeper<T> {
  const { milliseconds, most, times = 0 } = options;
  const kept = new Map<string, KeptAnswer<T>>();
  return async ({ key, version }, work) => {
    const known = kept.get(key);
    const start = performance.now();
    if (known?.version === version && start < known.until) return await known.answer;
    const mine = { version, until: Infinity, answer: work() };
    kept.delete(key);
    kept.set(key, mine);
    for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest);
    try {
      const answer = await mine.answer;
      mine.until = start + Math.max(milliseconds, times * (performance.now() - start));
      return answer;
    } catch (error) {
      if (kept.get(key) === mine) kept.delete(key);
      throw error;
    }
  };
}
