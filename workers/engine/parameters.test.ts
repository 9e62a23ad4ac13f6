import { describe, expect, it } from 'vitest';
import { ParameterLayout } from './parameters';

describe('ParameterLayout', () => {
  it('joins the row slices of a tensor and gives them back', () => {
    const layout = new ParameterLayout();
    layout.slice('a', [3, 5]);
    layout.slice('b', [2, 7]);
    layout.slice('b', [4, 7], 2);
    expect(layout.slice('a', [3, 5]).offset).toBe(0);
    expect(layout.slices.map((slice) => slice.offset % 64)).toEqual([0, 0, 0]);
    expect(layout.count).toBe(15 + 42);
    expect([...layout.tensors()]).toEqual([
      ['a', [3, 5]],
      ['b', [6, 7]],
    ]);
    const tensors = new Map([
      ['a', Float32Array.from({ length: 15 }, (_, index) => index + 1)],
      ['b', Float32Array.from({ length: 42 }, (_, index) => -index - 1)],
    ]);
    const flat = layout.pack(tensors);
    expect(flat.length).toBe(layout.size);
    expect(layout.unpack(flat)).toEqual(tensors);
    expect(flat.filter((value) => value !== 0).length).toBe(57);
  });

  it('has what weight decay leaves alone at the beginning', () => {
    const layout = new ParameterLayout();
    layout.placeUndecayed('norm', [3, 1]);
    layout.placeUndecayed('bias', [65, 1]);
    layout.slice('a', [3, 5]);
    expect(layout.undecayed).toBe(64 + 128);
    expect(layout.slice('a', [3, 5]).offset).toBe(layout.undecayed);
    expect(() => layout.placeUndecayed('late', [1, 1])).toThrow('late has no weight decay');
  });

  it('refuses other shapes and missing tensors by name', () => {
    const layout = new ParameterLayout();
    layout.slice('a', [3, 5]);
    expect(() => layout.slice('a', [5, 3])).toThrow(/a was placed as \(3,5\) and is now asked for as \(5,3\)/);
    expect(() => layout.pack(new Map())).toThrow(/a has no numbers; \(3, 5\) is needed/);
  });
});
