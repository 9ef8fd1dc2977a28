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
  const pace = createPace();
  let active = 0;
  let timer: NodeJS.Timeout | undefined;

  const isLate = (at: number): boolean => waiting[0] !== undefined && waiting[0].deadline <= at;
  const mayEnter = (at: number): boolean => waiting.length > 0 && active < inFlight && pace.nextAt() <= at;

  function pump(): void {
    clearTimeout(timer);
    const at = performance.now();
    while (isLate(at)) waiting.shift()?.resolve(false);
    while (mayEnter(at)) {
      pace.step(at);
      active += 1;
      waiting.shift()?.resolve(true);
    }
    const [first] = waiting;
    if (first === undefined) return;
    const isPaced = active < inFlight;
    if (isPaced) pace.keptBack();
    timer = setTimeout(pump, Math.max(1, (isPaced ? pace.nextAt() : first.deadline) - at));
  }

  return {
    enter: (deadline) =>
      new Promise((resolve) => {
        waiting.push({ deadline, resolve });
        pump();
      }),
    leave(how) {
      active -= 1;
      if (how === 'taken') pace.taken(performance.now());
      else if (how === 'limited') pace.limited(performance.now());
      pump();
    },
  };
}

/** How fast the provider may be asked, by what it said so far. */
function createPace() {
  const takenIn = takenLately();
  let rate = FIRST_RATE;
  let nextAt = 0;
  let isSearching = true;
  let wasKeptBack = false;
  let growth = CAREFUL_GROWTH;
  let taken = 0;
  let steppedAt = 0;
  let cutAt = -Infinity;

  return {
    nextAt: () => nextAt,
    step(at: number): void {
      nextAt = Math.max(nextAt, at - LATE_MILLISECONDS) + 1_000 / rate;
    },
    /** Somebody waits for the pace alone. */
    keptBack(): void {
      wasKeptBack = true;
    },
    /** Faster, where the pace was what kept requests back. */
    taken(at: number): void {
      taken += 1;
      takenIn.add(at);
      if (at - steppedAt < (isSearching ? STEP_MILLISECONDS : CAREFUL_STEP_MILLISECONDS)) return;
      steppedAt = at;
      if (!wasKeptBack) return;
      rate *= isSearching ? GROWTH : 1 + growth;
      growth = Math.min(growth * COURAGE, MOST_GROWTH);
      wasKeptBack = false;
    },
    limited(at: number): void {
      nextAt = Math.max(nextAt, at + PAUSE_MILLISECONDS);
      if (at - cutAt < TOGETHER_MILLISECONDS) return;
      [cutAt, steppedAt, growth] = [at, at, CAREFUL_GROWTH];
      if (taken < COLD) return;
      const least = rate * (isSearching ? 0.5 : 0.7);
      const found = Math.min(Math.max(takenIn.aSecond(at), least), rate);
      rate = Math.max(1, found * (isSearching ? 0.95 : 0.97));
      isSearching = false;
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
