import { expect, test } from 'vitest';

import { createGate } from '../../src/channels/gate.ts';

const pause = (milliseconds: number) => new Promise((wait) => setTimeout(wait, milliseconds));

test('no more are under way than there may be, and who waits too long has no turn', async () => {
  const gate = createGate({ inFlight: 2 });
  const later = () => performance.now() + 5_000;
  expect(await gate.enter(later())).toBe(true);
  expect(await gate.enter(later())).toBe(true);
  expect(await gate.enter(performance.now() + 50)).toBe(false);
  const waiting = gate.enter(later());
  gate.leave('taken');
  expect(await waiting).toBe(true);
});

test('the limit of a provider that does not tell it is found, with few refusals', async () => {
  const gate = createGate({ inFlight: 64 });
  const limit = 300;
  const end = performance.now() + 6_000;
  const counts = { taken: 0, limited: 0, late: 0 };
  let left = 0;
  let at = performance.now();
  const ask = async () => {
    while (await gate.enter(end)) {
      const present = performance.now();
      left = Math.min(limit / 10, left + ((present - at) * limit) / 1_000);
      at = present;
      const isTaken = left >= 1;
      if (isTaken) left -= 1;
      await pause(50);
      counts[isTaken ? 'taken' : 'limited'] += 1;
      if (isTaken && performance.now() > end - 3_000) counts.late += 1;
      gate.leave(isTaken ? 'taken' : 'limited');
    }
  };
  await Promise.all(Array.from({ length: 64 }, ask));
  expect(counts.late / 3).toBeGreaterThan(limit * 0.7);
  expect(counts.limited / (counts.taken + counts.limited)).toBeLessThan(0.03);
});
