import { describe, expect, it } from 'vitest';
import { defineFunction, ModuleBuilder, type FunctionDefinition } from './assembler';
import { signed, unsigned } from './encoding';
import { f32x4, i32, i32x4, v128 } from './instructions';

const memoryImport = { initialPages: 1, maximumPages: 1, shared: false };

/** Runs a function of integers on a fresh memory and returns that. */
function run(definition: FunctionDefinition<readonly ['i32', 'i32']>, values: Int32Array, a: number, b: number): Int32Array {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  new Int32Array(memory.buffer).set(values);
  const module = new WebAssembly.Module(
    new ModuleBuilder({ relaxedSimd: false }, ['log']).finish(memoryImport, [], [definition]),
  );
  const entry = new WebAssembly.Instance(module, { host: { memory, log: Math.log } }).exports[definition.name];
  if (typeof entry !== 'function') throw new Error(`${definition.name} was not exported.`);
  entry(a, b);
  return new Int32Array(memory.buffer);
}

describe('LEB128', () => {
  it.each([[0, [0]], [127, [0x7f]], [128, [0x80, 1]], [624485, [0xe5, 0x8e, 0x26]], [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]]])('writes %i unsigned', (value, bytes) => { expect(unsigned(value)).toEqual(bytes); }); // prettier-ignore
  it.each([[0, [0]], [63, [0x3f]], [64, [0xc0, 0]], [-1, [0x7f]], [-64, [0x40]], [-123456, [0xc0, 0xbb, 0x78]], [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 0x07]]])('writes %i signed', (value, bytes) => { expect(signed(value)).toEqual(bytes); }); // prettier-ignore
});

it('loops, branches and calls', () => {
  const square = defineFunction('square', ['i32', 'i32'], (f, [at, value]) => f.storeInteger(at, i32.mul(value, value)));
  /** Word i of `count`: i squared where i is even, else -i. */
  const fill = defineFunction('fill', ['i32', 'i32'], (f, [base, count]) => {
    f.for(0, count, 1, (index) => {
      const at = f.integer(i32.add(base, i32.shl(index, 2)));
      f.if(
        i32.and(index, 1),
        () => f.storeInteger(at, i32.sub(0, index)),
        () => f.call(square, at, index),
      );
    });
  });
  expect([...run(fill, new Int32Array(0), 8, 6).subarray(0, 9)]).toEqual([0, 0, 0, -1, 4, -3, 16, -5, 0]);
  expect([...run(fill, Int32Array.of(5, 5, 5), 0, 0).subarray(0, 3)]).toEqual([5, 5, 5]);
});

it('calculates in four lanes', () => {
  const lanes = defineFunction('lanes', ['i32', 'i32'], (f, [from, to]) => {
    const x = f.vector(v128.load(from));
    f.store(to, f32x4.toIntegers(f32x4.nearest(f32x4.mul(f32x4.sqrt(x), f32x4.splat(10)))));
    f.store(to, i32x4.shr(i32x4.constant(-1, 256, 0x7f000000, 3), 8), 16);
  });
  const input = new Int32Array(Float32Array.of(4, 2, 0.25, 100).buffer);
  expect([...run(lanes, input, 0, 64).subarray(16, 24)]).toEqual([20, 14, 5, 100, 0xffffff, 1, 0x7f0000, 0]);
});

it('refuses a host function that was not declared', () => {
  const stray = defineFunction('stray', [], (f) => f.drop(f.host('exp', { type: 'f64', code: [] })));
  expect(() => new ModuleBuilder({ relaxedSimd: false }, ['log']).indexOf(stray)).toThrow('exp');
});
