import { beforeAll, describe, expect, it } from 'vitest';
import { TuneletError } from '../../api/errors';
import type { Value } from '../graph';
import { dequantise, quantise } from '../quantisedBlocks';
import { startBackend } from './backend';
import { TfjsWeights } from './weights';

function weight(tensor: string, shape: number[], columns: readonly [number, number] | null = null): Value {
  return { id: 0, label: tensor, shape, type: 'f32', role: { kind: 'weight', tensor, columns, storage: 'float32' } };
}

beforeAll(async () => {
  await startBackend({ backend: 'cpu' });
});

describe('weights', () => {
  it('puts rows together in whatever order and portions they come', () => {
    const weights = new TfjsWeights();
    weights.allocate([weight('w', [3, 2])]);
    weights.write({ tensor: 'w', rowOffset: 2, rows: 1, rowLength: 2, values: Float32Array.of(5, 6) });
    weights.write({ tensor: 'w', rowOffset: 0, rows: 2, rowLength: 2, values: Float32Array.of(1, 2, 3, 4) });
    weights.requireComplete();
    expect([...weights.tensor(weight('w', [3, 2])).dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    weights.dispose();
  });

  it('cuts columns out of the rows of one tensor for several views', () => {
    const weights = new TfjsWeights();
    const [left, right] = [weight('w', [2, 1], [0, 1]), weight('w', [2, 2], [1, 3])];
    weights.allocate([left, right]);
    weights.write({ tensor: 'w', rowOffset: 0, rows: 2, rowLength: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect([...weights.tensor(left).dataSync()]).toEqual([1, 4]);
    expect([...weights.tensor(right).dataSync()]).toEqual([2, 3, 5, 6]);
    weights.dispose();
  });

  it.each([
    ['one row', { rows: 1, rowLength: 4 }],
    ['rows of one number', { rows: 4, rowLength: 1 }],
  ])('takes a vector as %s, and views of it', (_, chunk) => {
    const weights = new TfjsWeights();
    const [whole, tail] = [weight('bias', [4]), weight('bias', [2], [2, 4])];
    weights.allocate([whole, tail]);
    weights.write({ tensor: 'bias', rowOffset: 0, ...chunk, values: Float32Array.of(1, 2, 3, 4) });
    expect([...weights.tensor(whole).dataSync()]).toEqual([1, 2, 3, 4]);
    expect([...weights.tensor(tail).dataSync()]).toEqual([3, 4]);
    weights.dispose();
  });

  it('widens float16 bits', () => {
    const weights = new TfjsWeights();
    weights.allocate([weight('w', [1, 4])]);
    weights.write({ tensor: 'w', rowOffset: 0, rows: 1, rowLength: 4, values: Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001) });
    expect([...weights.tensor(weight('w', [1, 4])).dataSync()]).toEqual([1, -2, 0.333251953125, 2 ** -24]);
    weights.dispose();
  });

  it.each(['int8', 'int4'] as const)('rounds what a GPU would hold as %s, and takes blocks over', (storage) => {
    const asked = (shape: number[]): Value => {
      const value = weight('w', shape);
      return { ...value, role: { kind: 'weight', tensor: 'w', columns: null, storage } };
    };
    const numbers = Float32Array.from({ length: 3 * 32 }, (_, at) => Math.sin(at * at));
    const rounded = quantise(storage, numbers);
    expect(dequantise(rounded)).not.toEqual(numbers);
    for (const values of [numbers, rounded]) {
      const weights = new TfjsWeights();
      weights.allocate([asked([3, 32])]);
      weights.write({ tensor: 'w', rowOffset: 0, rows: 3, rowLength: 32, values });
      expect(weights.tensor(asked([3, 32])).dataSync()).toEqual(dequantise(rounded));
      weights.dispose();
    }
    // Rows that do not divide into blocks are not rounded.
    const weights = new TfjsWeights();
    weights.allocate([asked([32, 3])]);
    weights.write({ tensor: 'w', rowOffset: 0, rows: 32, rowLength: 3, values: numbers });
    expect(weights.tensor(asked([32, 3])).dataSync()).toEqual(numbers);
    weights.dispose();
  });

  it('names the weights of which rows never came, and no others', () => {
    const weights = new TfjsWeights();
    weights.allocate([weight('there', [1, 1]), weight('gone', [3, 1])]);
    weights.write({ tensor: 'there', rowOffset: 0, rows: 1, rowLength: 1, values: Float32Array.of(1) });
    weights.write({ tensor: 'gone', rowOffset: 1, rows: 1, rowLength: 1, values: Float32Array.of(1) });
    // The same row again does not make up for another.
    weights.write({ tensor: 'gone', rowOffset: 1, rows: 1, rowLength: 1, values: Float32Array.of(1) });
    let thrown: unknown;
    try {
      weights.requireComplete();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TuneletError);
    expect(String(thrown)).toContain('gone (2 rows)');
    expect(String(thrown)).not.toContain('there');
    weights.dispose();
  });

  it('refuses rows outside of the tensor, of another length, or of another count', () => {
    const weights = new TfjsWeights();
    weights.allocate([weight('w', [2, 2])]);
    const write = (rowOffset: number, rows: number, rowLength: number, numbers: number): void =>
      weights.write({ tensor: 'w', rowOffset, rows, rowLength, values: new Float32Array(numbers) });
    expect(() => write(1, 2, 2, 4)).toThrow(RangeError);
    expect(() => write(0, 1, 3, 3)).toThrow(RangeError);
    expect(() => write(0, 1, 2, 3)).toThrow(RangeError);
    weights.dispose();
  });
});
