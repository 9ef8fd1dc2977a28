/**
 * A gate before a provider that takes one message a request: so many at a time, and no faster than the provider takes them. It does not
 * publish its limit, so the gate finds it: it speeds up until it is told that it was too much, then goes a little slower than that, and tries
 * a little more every now and then.
 */
export interface Gate {
  /** Waits for a turn. @returns false when there was none before that moment (`performance.now()`) */
  enter: (deadline: number) => Promise<boolean>;
  /** A request that had its turn is over: taken, too much, or neither. */
  leave: (how: 'taken' | 'limited' | 'other') => void;
}

/** Requests a second to begin with, and how fast they grow until the first refusal: four times as many each second. */
const FIRST_RATE = 100;
const GROWTH = 1.3;
/** After it, a hundredth at first, and half as much more each step without a refusal. */
const CAREFUL_GROWTH = 0.01;
const COURAGE = 1.5;
const MOST_GROWTH = 0.3;
const STEP_MILLISECONDS = 200;
const CAREFUL_STEP_MILLISECONDS = 500;
/** Refusals of the first few requests say nothing of how many may come. */
const COLD = 10;
/** Refusals within this time are of requests that were under way together: they count as one. */
const TOGETHER_MILLISECONDS = 400;
const PAUSE_MILLISECONDS = 50;
/** A turn that came late may be made up for within this time. */
const LATE_MILLISECONDS = 15;
/** What is counted to tell how much is taken: a second, in tenths. */
const SLOTS = 10;
const SLOT_MILLISECONDS = 100;

interface Waiting {
  deadline: number;
  resolve: (isIn: boolean) => void;
}

export function createGate({ inFlight }: { inFlight: number }): Gate {
  const waiting: Waiting[] = [];
  const takenIn = takenLately();
  let active = 0;
  let rate = FIRST_RATE;
  let nextAt = 0;
  let isSearching = true;
  let hasBeenSlowed = false;
  let growth = CAREFUL_GROWTH;
  let taken = 0;
  let steppedAt = 0;
  let cutAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  function pump(): void {
    clearTimeout(timer);
    const at = performance.now();
    while (waiting.length > 0 && (waiting[0]?.deadline ?? 0) <= at) waiting.shift()?.resolve(false);
    while (waiting.length > 0 && active < inFlight && nextAt <= at) {
      nextAt = Math.max(nextAt, at - LATE_MILLISECONDS) + 1_000 / rate;
      active += 1;
      waiting.shift()?.resolve(true);
    }
    if (waiting.length === 0) return;
    if (active < inFlight) hasBeenSlowed = true;
    const next = active < inFlight ? nextAt : (waiting[0]?.deadline ?? at);
    timer = setTimeout(pump, Math.max(1, next - at));
  }

  /** Faster, where its own pace was what kept it back. */
  function speedUp(at: number): void {
    if (at - steppedAt < (isSearching ? STEP_MILLISECONDS : CAREFUL_STEP_MILLISECONDS)) return;
    steppedAt = at;
    if (hasBeenSlowed) {
      rate *= isSearching ? GROWTH : 1 + growth;
      growth = Math.min(growth * COURAGE, MOST_GROWTH);
    }
    hasBeenSlowed = false;
  }

  function slowDown(at: number): void {
    nextAt = Math.max(nextAt, at + PAUSE_MILLISECONDS);
    if (at - cutAt < TOGETHER_MILLISECONDS) return;
    [cutAt, steppedAt, growth] = [at, at, CAREFUL_GROWTH];
    if (taken < COLD) return;
    const least = rate * (isSearching ? 0.5 : 0.7);
    rate = Math.max(1, Math.min(Math.max(takenIn.aSecond(at), least), rate) * (isSearching ? 0.95 : 0.97));
    isSearching = false;
  }

  return {
    enter: (deadline) =>
      new Promise((resolve) => {
        waiting.push({ deadline, resolve });
        pump();
      }),
    leave(how) {
      const at = performance.now();
      active -= 1;
      if (how === 'taken') {
        taken += 1;
        takenIn.add(at);
        speedUp(at);
      } else if (how === 'limited') slowDown(at);
      pump();
    },
  };
}

function takenLately() {
  const slots = new Array<number>(SLOTS).fill(0);
  let newest = 0;
  const turnTo = (at: number): void => {
    const slot = Math.floor(at / SLOT_MILLISECONDS);
    for (let each = Math.max(newest + 1, slot - SLOTS + 1); each <= slot; each += 1) slots[each % SLOTS] = 0;
    newest = slot;
  };
  return {
    add(at: number): void {
      turnTo(at);
      slots[newest % SLOTS] = (slots[newest % SLOTS] ?? 0) + 1;
    },
    /** By the last second, or by its best half where there was none before. */
    aSecond(at: number): number {
      turnTo(at);
      const half = slots.toSorted((a, b) => b - a).slice(0, SLOTS / 2);
      return (half.reduce((sum, each) => sum + each, 0) * 1_000) / (SLOT_MILLISECONDS * half.length);
    },
  };
}
