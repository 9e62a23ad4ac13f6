import { describe, expect, it } from 'vitest';
import { placeEvents } from './eventLabels';

const room = { left: 40, right: 840, taken: 132 };
const lost = (x: number, key = String(x)) => ({ key, x, label: 'device lost, step 594' });

describe('words at what happened', () => {
  it('stand right of their line, and left of it where the plot ends', () => {
    const [right] = placeEvents([lost(500)], room);
    expect(right).toMatchObject({ key: '500', x: 509, row: 0, anchor: 'start' });
    expect(right?.span[0]).toBe(500);
    const [left] = placeEvents([lost(800)], room);
    expect(left).toMatchObject({ key: '800', x: 791, row: 0, anchor: 'end' });
    expect(left?.span[1]).toBe(800);
  });

  it('go a row down where the unit or newer words stand, and are left out where nothing is free', () => {
    expect(placeEvents([lost(60)], room)[0]).toMatchObject({ row: 1 });
    const rows = placeEvents([lost(500), lost(540), lost(580)], room).map(({ key, row }) => [key, row]);
    expect(rows).toEqual([
      ['580', 0],
      ['540', 1],
    ]);
  });
});
