import { describe, expect, test } from 'vitest';
import { placeEndLabels, type EndLabel } from './endLabels';

const room = { right: 380, top: 30, bottom: 250 };
const end = (key: string, x: number, y: number, more: Partial<EndLabel> = {}): EndLabel => ({
  key,
  x,
  y,
  name: key,
  value: '0.326',
  colour: '',
  ...more,
});
const heights = (...given: Parameters<typeof placeEndLabels>) => placeEndLabels(...given).map((label) => label.y);

describe('end labels', () => {
  test('stand right of the ends while there is room, at their lines’ heights', () => {
    expect(placeEndLabels([end('validation', 100, 80), end('train', 100, 160)], [], room)).toEqual([
      { x: 109, y: 80, anchor: 'start' },
      { x: 109, y: 160, anchor: 'start' },
    ]);
  });

  test('stand under the words of what happened where these reach over them', () => {
    const ends = [end('validation', 100, 32), end('train', 100, 160)];
    const below = 57;
    expect(heights(ends, [], { ...room, words: [{ span: [40, 200], below }] })).toEqual([57, 160]);
    expect(heights(ends, [], { ...room, words: [{ span: [20, 105], below }] })).toEqual([32, 160]);
  });

  test('left of the ends they stand over every line they would meet, in the lines’ order', () => {
    const ends = [end('validation', 300, 220), end('train', 300, 240)];
    const lines = [
      [
        { x: 0, y: 40 },
        { x: 180, y: 60 },
        { x: 220, y: 180 },
        { x: 300, y: 220 },
      ],
    ];
    const labels = placeEndLabels(ends, lines, room);
    expect(labels.map((label) => label.anchor)).toEqual(['end', 'end']);
    expect(labels[1]?.y).toBeLessThanOrEqual(180 - 13);
    expect(labels[0]?.y).toBeLessThanOrEqual((labels[1]?.y ?? 0) - 20.9);
  });

  test('under the lines where the plot ends too soon above', () => {
    const ends = [end('accuracy', 300, 45, { shift: -6 }), end('macro-F1', 300, 48, { shift: 10 })];
    const lines = [
      [
        { x: 250, y: 44 },
        { x: 300, y: 48 },
      ],
    ];
    const [accuracy = 0, macro = 0] = heights(ends, lines, room);
    expect(accuracy).toBeGreaterThanOrEqual(48 + 13);
    expect(macro).toBeGreaterThanOrEqual(accuracy + 20.9);
  });

  test('a line that runs on keeps its label beside it, and one without room below has it above', () => {
    const base = end('base', 300, 160, { shift: 11, runsOn: true });
    expect(heights([end('train', 300, 100), base], [], room)).toEqual([85, 171]);
    expect(heights([end('base', 300, 245, { shift: 11, runsOn: true })], [], room)[0]).toBe(232);
  });

  test('neither over nor under: one on each side', () => {
    const lines = [
      [
        { x: 250, y: 40 },
        { x: 290, y: 240 },
        { x: 300, y: 120 },
      ],
    ];
    expect(heights([end('validation', 300, 100), end('train', 300, 140)], lines, room)).toEqual([87, 153]);
  });
});
