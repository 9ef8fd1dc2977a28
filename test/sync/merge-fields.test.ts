import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isSame, type Owner, weigh } from '../../src/platform/salesforce/outbox/merge-fields.ts';

describe('two values are one to Salesforce', () => {
  test.each([
    [null, ''],
    [undefined, null],
    ['  Halden ', 'Halden'],
    ['one\r\ntwo', 'one\ntwo'],
    ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.000+0000'],
    ['003000000000001', '003000000000001AAA'],
    [41, '41.0'],
    [true, 'true'],
  ])('%j and %j', (a, b) => {
    expect(isSame(a, b)).toBe(true);
    expect(isSame(b, a)).toBe(true);
  });

  test.each([
    ['Halden', 'halden'],
    [0, null],
    [false, null],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:06Z'],
    ['003000000000001AAA', '003000000000001AAB'],
  ])('not %j and %j', (a, b) => {
    expect(isSame(a, b)).toBe(false);
  });
});

describe('weighing three sides', () => {
  const value = fc.constantFrom('a', 'b', 'c', '', null);
  const owner = fc.constantFrom<Owner>('salesforce', 'rapport', 'shared');
  const sides = fc.record({ ours: value, theirs: value, base: fc.option(value, { nil: undefined }), owner });

  const verdictOn = ({
    ours,
    theirs,
    base,
    owner: of,
  }: {
    ours: unknown;
    theirs: unknown;
    base: unknown;
    owner: Owner;
  }) => {
    const { send, conflicts, isOverruled } = weigh({
      ours: { F: ours }, base: base === undefined ? {} : { F: base }, remote: { F: theirs }, ownerOf: () => of,
    }); // prettier-ignore
    return 'F' in send ? 'send' : conflicts.length > 0 ? 'ask' : isOverruled ? 'yield' : 'leave';
  };

  test('nothing that Salesforce’s people wrote is written over unless we saw it, own the field, or it was empty', () => {
    fc.assert(
      fc.property(sides, (given) => {
        const { theirs, base, owner: of } = given;
        if (verdictOn(given) !== 'send' || of === 'rapport') return;
        expect(isSame(theirs, null) || (base !== undefined && isSame(theirs, base))).toBe(true);
      }),
    );
  });

  test('nothing that ours meant is dropped unheard: it is written, asked about, there already, or Salesforce’s by rule', () => {
    fc.assert(
      fc.property(sides, (given) => {
        const { ours, theirs, base, owner: of } = given;
        if (verdictOn(given) !== 'yield') return;
        const saidNothing = isSame(ours, base ?? null);
        expect(of === 'salesforce' || saidNothing).toBe(true);
        expect(isSame(ours, theirs)).toBe(false);
      }),
    );
  });

  test('a person is asked only of shared fields that both sides changed, or nobody said they had seen', () => {
    fc.assert(
      fc.property(sides, (given) => {
        const { ours, theirs, base, owner: of } = given;
        if (verdictOn(given) !== 'ask') return;
        expect(of).toBe('shared');
        if (base !== undefined)
          expect([isSame(ours, base), isSame(theirs, base), isSame(ours, theirs)]).toEqual([
            false,
            false,
            false,
          ]);
      }),
    );
  });
});
