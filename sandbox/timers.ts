/** Work that is done a while later, unless everything is closed before. @param failed what is said of work that failed */
export function createTimers(failed: string) {
  const timers = new Set<NodeJS.Timeout>();
  return {
    after(milliseconds: number, work: () => Promise<void>): void {
      const timer = setTimeout(() => {
        timers.delete(timer);
        work().catch((error: unknown) => {
          process.stderr.write(`${failed}: ${String(error)}\n`);
        });
      }, milliseconds);
      timers.add(timer);
    },
    close(): void {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
