import { defineFunction, ModuleBuilder, type Features } from './assembler';
import { f32x4, v128 } from './instructions';

const memory = { initialPages: 1, maximumPages: 1, shared: false };

/** Whether this browser runs SIMD at all. */
export function hasSimd(): boolean {
  const plain = defineFunction('plain', ['i32'], (f, [at]) => f.store(at, f32x4.add(v128.load(at), v128.load(at))));
  return isValid(plain);
}

/** What it runs beyond that. */
export function findFeatures(): Features {
  const relaxed = defineFunction('relaxed', ['i32'], (f, [at]) => {
    f.store(at, f32x4.relaxedMadd(v128.load(at), v128.load(at), v128.load(at)));
  });
  return { relaxedSimd: isValid(relaxed) };
}

function isValid(definition: Parameters<ModuleBuilder['finish']>[2][number]): boolean {
  return WebAssembly.validate(new ModuleBuilder({ relaxedSimd: false }, []).finish(memory, [], [definition]));
}
