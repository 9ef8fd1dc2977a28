import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { keeping } from '../../src/platform/kept.ts';

const asked = { key: 'all', version: '1' };

describe('an answer that is kept', () => {
  test('is worked out once for a crowd, and anew for another version', async () => {
    const answers = keeping<number>({ milliseconds: 10_000, most: 10 });
    let worked = 0;
    const work = async () => {
      await pause(5);
      return ++worked;
    };
    expect(await Promise.all([answers(asked, work), answers(asked, work)])).toEqual([1, 1]);
    expect(await answers(asked, work)).toBe(1);
    expect(await answers({ ...asked, version: '2' }, work)).toBe(2);
  });

  test('is given once more after its time while one new one is worked out, and no longer than twice its time', async () => {
    const answers = keeping<number>({ milliseconds: 200, most: 10 });
    let worked = 0;
    const work = () => Promise.resolve(++worked);
    expect(await answers(asked, work)).toBe(1);
    await pause(250);
    expect(await Promise.all([answers(asked, work), answers(asked, work)])).toEqual([1, 1]);
    await pause(20);
    expect(await answers(asked, work)).toBe(2);
    await pause(450);
    expect(await answers(asked, work)).toBe(3);
  });

  test('is worked out by whoever asks next where working it out ahead failed', async () => {
    const answers = keeping<number>({ milliseconds: 100, most: 10 });
    expect(await answers(asked, () => Promise.resolve(1))).toBe(1);
    await pause(120);
    expect(await answers(asked, () => Promise.reject(new Error('away')))).toBe(1);
    await pause(10);
    expect(await answers(asked, () => Promise.resolve(2))).toBe(2);
  });

  test('is kept the longer the more it cost', async () => {
    const answers = keeping<number>({ milliseconds: 1, times: 1000, most: 10 });
    let worked = 0;
    const work = async () => {
      await pause(20);
      return ++worked;
    };
    await answers(asked, work);
    await pause(40);
    expect(await answers(asked, work)).toBe(1);
  });

  test('is not one that failed', async () => {
    const answers = keeping<number>({ milliseconds: 1000, most: 10 });
    await expect(answers(asked, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await answers(asked, () => Promise.resolve(7))).toBe(7);
  });
});
