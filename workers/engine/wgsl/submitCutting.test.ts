import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cutter, Pace, tileOrigins, type DispatchWork, type Piece } from './submitCutting';

const dispatchWork: fc.Arbitrary<DispatchWork> = fc.record({
  work: fc.integer({ min: 1, max: 1_000_000 }),
  gridY: fc.integer({ min: 1, max: 65_535 }),
  splittable: fc.boolean(),
});

function cutAll(dispatches: DispatchWork[], budget: number): Piece[][] {
  const cutter = new Cutter(dispatches);
  const submits: Piece[][] = [];
  while (!cutter.done) submits.push(cutter.next(budget));
  return submits;
}

describe('Cutter', () => {
  it('covers every row of every dispatch once, in order, from origins that the table has', () => {
    fc.assert(
      fc.property(fc.array(dispatchWork, { maxLength: 30 }), fc.integer({ min: 1, max: 2_000_000 }), (dispatches, budget) => {
        const submits = cutAll(dispatches, budget);
        expect(submits.every((pieces) => pieces.length > 0)).toBe(true);
        const pieces = submits.flat();
        expect(pieces.map(({ dispatch }) => dispatch)).toEqual(pieces.map(({ dispatch }) => dispatch).toSorted((a, b) => a - b));
        dispatches.forEach(({ gridY, splittable }, index) => {
          let next = 0;
          const own = pieces.filter(({ dispatch }) => dispatch === index);
          for (const { originY, countY, slot } of own) {
            expect(originY).toBe(next);
            expect(tileOrigins[slot]).toBe(originY);
            expect(countY).toBeGreaterThan(0);
            next += countY;
          }
          expect(next).toBe(gridY);
          if (!splittable) expect(own.length).toBe(1);
        });
      }),
    );
  });

  it('keeps submits within the budget where dispatches can be cut finely enough', () => {
    const dispatches = Array.from({ length: 20 }, (_, index) => ({ work: 1000 * (index + 1), gridY: 64, splittable: true }));
    const submits = cutAll(dispatches, 5000);
    for (const pieces of submits) expect(pieces.reduce((sum, { work }) => sum + work, 0)).toBeLessThanOrEqual(5000.001);
    expect(submits.length).toBeGreaterThanOrEqual(42);
    expect(submits.length).toBeLessThan(60);
  });

  it('is one submit without a limit', () => {
    const dispatches = Array.from({ length: 200 }, () => ({ work: 1e9, gridY: 100, splittable: true }));
    expect(cutAll(dispatches, Infinity).length).toBe(1);
    expect(cutAll(dispatches, Infinity)[0]?.length).toBe(200);
  });
});

describe('Pace', () => {
  it('asks an unknown device for little, then for more, up to the limit', () => {
    const pace = new Pace(250, null);
    expect(pace.isUnknown).toBe(true);
    const first = pace.nextWork();
    expect(first).toBeLessThan(50e6);
    pace.note(first, 1);
    const second = pace.nextWork();
    expect(second).toBeGreaterThan(first);
    expect(second).toBeLessThanOrEqual(8 * first);
    pace.note(second, 1000);
    expect(pace.nextWork() * (pace.rate ?? 0)).toBeLessThanOrEqual(250);
  });

  it('makes one submit of a step that is short enough and cuts a longer one', () => {
    const pace = new Pace(250, 1e-6);
    expect(pace.workPerSubmit(249e6)).toBe(Infinity);
    expect(pace.workPerSubmit(300e6)).toBeCloseTo(200e6, -3);
  });

  it('never cuts and never waits when the limit is infinite', () => {
    const pace = new Pace(Infinity, null);
    expect(pace.isUnknown).toBe(false);
    expect(pace.workPerSubmit(1e15)).toBe(Infinity);
  });

  it('ignores a measurement of nothing', () => {
    const pace = new Pace(250, 1e-6);
    pace.note(0, 5);
    pace.note(5, 0);
    expect(pace.rate).toBe(1e-6);
  });
});
