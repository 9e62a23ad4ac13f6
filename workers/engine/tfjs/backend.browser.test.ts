import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { startBackend } from './backend';

const wasmPath = new URL('/tfjs-wasm/', location.href).href;

it('multiplies on as many threads as were asked for, where the page is cross-origin isolated', async () => {
  expect(crossOriginIsolated).toBe(true);
  const processors = navigator.hardwareConcurrency;
  const backend = await startBackend({ backend: 'wasm', wasmPath, threads: 2 });
  expect(backend.threads).toBe(2);
  expect(navigator.hardwareConcurrency).toBe(processors);
  expect(tf.getBackend()).toBe('wasm');

  const tensor = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  expect([...(backend.hostView(tensor) ?? [])]).toEqual([1, 2, 3, 4]);
  expect(backend.memoryBytes()).toBeGreaterThan(1e6);
  tensor.dispose();
});

it("keeps TensorFlow.js' WebGPU matmul off its wrong program", async () => {
  const backend = await startBackend({ backend: 'webgpu' });
  expect(tf.env().getNumber('WEBGPU_MATMUL_PROGRAM_TYPE')).toBe(3);
  expect(tf.env().getBool('WEBGPU_CPU_FORWARD')).toBe(false);
  // Large inner size and few output tiles, second operand transposed: silently wrong without the guard.
  const [rows, inner, columns] = [24, 2304, 24];
  const a = Float32Array.from({ length: rows * inner }, (_, index) => Math.sin(index));
  const b = Float32Array.from({ length: columns * inner }, (_, index) => Math.cos(3 * index));
  const product = tf.tidy(() => tf.matMul(tf.tensor2d(a, [rows, inner]), tf.tensor2d(b, [columns, inner]), false, true));
  expect(backend.hostView(product)).toBeNull();
  const actual = await product.data();
  product.dispose();
  let scale = 0;
  let deviation = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[row * inner + k]! * b[column * inner + k]!;
      scale = Math.max(scale, Math.abs(sum));
      deviation = Math.max(deviation, Math.abs(sum - actual[row * columns + column]!));
    }
  }
  expect(deviation).toBeLessThan(1e-4 * scale);
});
