/** Asks for the answer under a key; another version of it, or one that is too old, is worked out anew. */
export type Keeper<T> = (asked: { key: string; version: string }, work: () => Promise<T>) => Promise<T>;

interface KeptAnswer<T> {
  version: string;
  at: number;
  answer: Promise<T>;
}

/**
 * Keeps answers that cost much and are the same for everybody who asks. Whoever asks while one is being worked out waits for it, so
 * that a crowd costs one. What failed is not kept.
 */
export function keeping<T>({ milliseconds, most }: { milliseconds: number; most: number }): Keeper<T> {
  const kept = new Map<string, KeptAnswer<T>>();
  return async ({ key, version }, work) => {
    const known = kept.get(key);
    if (known?.version === version && performance.now() - known.at < milliseconds) return await known.answer;
    const answer = work();
    kept.delete(key);
    kept.set(key, { version, at: performance.now(), answer });
    for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest);
    try {
      return await answer;
    } catch (error) {
      if (kept.get(key)?.answer === answer) kept.delete(key);
      throw error;
    }
  };
}
