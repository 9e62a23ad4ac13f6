import { describe, expect, test } from 'vitest';
import {
  placeCaptions,
  roundTicks,
  scoreAxis,
  shadeOf,
  spreadLabels,
  stepTicks,
  thinForDrawing,
  tickDigits,
  keepOrder,
} from './scale';
import type { StepPoint } from './series';

describe('ticks', () => {
  test('round values from 0, three to five of them', () => {
    expect(roundTicks(1.4)).toEqual([0, 0.4, 0.8, 1.2]);
    expect(roundTicks(4.6)).toEqual([0, 2, 4]);
    expect(roundTicks(0)).toEqual([0]);
    expect(roundTicks(NaN)).toEqual([0]);
    for (let top = 0.011; top < 5000; top *= 1.13) {
      const ticks = roundTicks(top);
      expect(ticks.length, `${top}: ${ticks.join(' ')}`).toBeGreaterThanOrEqual(3);
      expect(ticks.length, `${top}: ${ticks.join(' ')}`).toBeLessThanOrEqual(5);
      expect(ticks.at(-1)).toBeLessThanOrEqual(top);
      const digits = tickDigits(ticks);
      expect(new Set(ticks.map((tick) => tick.toFixed(digits))).size).toBe(ticks.length);
    }
  });

  test('the axis of scores starts at tens below the lowest score', () => {
    expect(scoreAxis([0.502, 0.394])).toEqual({ domain: [30, 100], ticks: [30, 50, 70, 90] });
    expect(scoreAxis([0.16, 0.04])).toEqual({ domain: [0, 100], ticks: [0, 25, 50, 75, 100] });
    expect(scoreAxis([])).toEqual({ domain: [0, 100], ticks: [0, 25, 50, 75, 100] });
    expect(scoreAxis([0.99])).toEqual({ domain: [60, 100], ticks: [60, 70, 80, 90, 100] });
  });

  test('epochs between the start and the end, thinned to the room there is', () => {
    expect(stepTicks(963, 321, 4).map((tick) => tick.label)).toEqual(['step 0', 'epoch 1', 'epoch 2', '963']);
    expect(stepTicks(620, 31, 4).map((tick) => tick.label)).toEqual(['step 0', 'epoch 5', 'epoch 10', 'epoch 15', '620']);
    expect(stepTicks(1500, 100, 0).map((tick) => tick.label)).toEqual(['0', '1,500']);
  });
});

describe('points for drawing', () => {
  const point = (step: number, loss: number): StepPoint => ({ step, loss, smoothed: loss, learningRate: 0, gradNorm: 0 });
  const valueOf = (one: StepPoint) => one.loss;

  test('a short run is drawn whole, its latest step included once', () => {
    const points = [point(1, 3), point(2, 2)];
    expect(thinForDrawing(points, point(3, 1), valueOf, 100)).toEqual([...points, point(3, 1)]);
    expect(thinForDrawing(points, points[1] ?? null, valueOf, 100)).toEqual(points);
  });

  test('a spike of a long run is still drawn, and growth does not move what stands', () => {
    const points = Array.from({ length: 3000 }, (_, index) => point(index + 1, index === 1234 ? 99 : 1 + (index % 7) / 10));
    const drawn = thinForDrawing(points, null, valueOf, 3000, 200);
    expect(drawn.length).toBeLessThanOrEqual(200);
    expect(Math.max(...drawn.map(valueOf))).toBe(99);
    const earlier = thinForDrawing(points.slice(0, 1500), null, valueOf, 3000, 200);
    expect(drawn.slice(0, earlier.length - 2)).toEqual(earlier.slice(0, -2));
  });
});

describe('labels', () => {
  test('stand apart, in their order and inside', () => {
    const placed = spreadLabels([50, 52, 51, 5], 20, 0, 100);
    const sorted = placed.toSorted((first, second) => first - second);
    sorted.slice(1).forEach((position, index) => expect(position - (sorted[index] ?? 0)).toBeGreaterThanOrEqual(19.9));
    expect(placed[0]).toBeLessThan(placed[2] ?? 0);
    expect(placed[2]).toBeLessThan(placed[1] ?? 0);
    expect(Math.min(...placed)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...placed)).toBeLessThanOrEqual(100);
    expect(spreadLabels([10, 60], 20, 0, 100)).toEqual([10, 60]);
  });

  test('captions keep to the scale and off each other', () => {
    const captions = [
      { centre: 2, width: 100 },
      { centre: 10, width: 60 },
      { centre: 295, width: 80 },
    ];
    const lefts = placeCaptions(captions, 300, 10);
    expect(lefts[0]).toBe(0);
    expect(lefts[1]).toBeGreaterThanOrEqual(110);
    expect(lefts[2]).toBe(220);
    expect(placeCaptions([{ centre: 150, width: 100 }], 300, 10)).toEqual([100]);
  });

  test('shades run from 0 to 9', () => {
    expect([0, 0.05, 0.06, 0.5, 0.8, 0.95, 1].map(shadeOf)).toEqual([0, 0, 1, 5, 7, 9, 9]);
  });
});

test('labels keep the order of their lines when they are moved past each other', () => {
  const kept = keepOrder([110, 89, 20], [100, 105, 26]);
  expect(kept[2]).toBe(20);
  expect(kept[0]).toBe(110);
  expect(kept[1]).toBeGreaterThan(110);
  const placed = spreadLabels(kept, 21, 0, 200);
  expect(placed[2]!).toBeLessThan(placed[0]!);
  expect(placed[1]! - placed[0]!).toBeGreaterThanOrEqual(20.9);
});
