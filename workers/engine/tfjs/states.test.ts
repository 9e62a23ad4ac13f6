import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startBackend, type Backend } from './backend';
import { TfjsStates } from './states';

let backend: Backend;

beforeAll(async () => {
  backend = await startBackend({ backend: 'cpu' });
});

// Both ways of cutting a piece out: in place on the host, and by the device's own slice.
it.each([true, false])('keeps the gaps between gradient pieces, host view %s', async (viewed) => {
  const states = new TfjsStates(viewed ? backend : { ...backend, hostView: () => null });
  const before = tf.memory().numTensors;
  states.allocate(8);
  states.replace('gradients', tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8]));
  const write = (offset: number, values: number[], accumulate: boolean): void => {
    const piece = tf.tensor1d(values);
    states.writeGradient(offset, piece, accumulate);
    piece.dispose();
  };
  write(5, [10, 20], false);
  write(1, [100], true);
  write(5, [1, 1], true);
  expect([...(await states.tensor('gradients').data())]).toEqual([1, 102, 3, 4, 5, 11, 21, 8]);
  write(7, [0.5], true);
  expect([...(await states.tensor('gradients').data())]).toEqual([1, 102, 3, 4, 5, 11, 21, 8.5]);
  states.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('cuts parameters anew after they were replaced', async () => {
  const states = new TfjsStates(backend);
  states.allocate(4);
  states.replace('parameters', tf.tensor1d([1, 2, 3, 4]));
  expect([...(await states.parameter(2, [2, 1]).data())]).toEqual([3, 4]);
  states.replace('parameters', tf.tensor1d([5, 6, 7, 8]));
  expect([...(await states.parameter(2, [2, 1]).data())]).toEqual([7, 8]);
  expect(() => states.replace('parameters', tf.tensor1d([1]))).toThrow('4 numbers');
  states.dispose();
});
