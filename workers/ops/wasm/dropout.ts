import { dropoutKey, dropoutThreshold } from '../../engine/dropout';
import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { i32x4, v128, type I32, type V128 } from '../../engine/wasm/instructions';
import type { StepValues } from '../../engine/step';
import type { Dropout } from '../attributes';

/** The masks of engine/dropout.ts, four elements at a time. */

/** Arguments of a kernel that drops; a threshold of 0 drops nothing. */
export const maskKinds = { key: 'i32', threshold: 'i32', keepFactor: 'f32' } as const;

export function maskValues({ dropout, site }: Dropout, step: StepValues): { key: number; threshold: number; keepFactor: number } {
  return {
    key: dropoutKey(step.dropoutSeed, site),
    threshold: dropoutThreshold(dropout),
    keepFactor: dropout === 0 ? 1 : 1 / (1 - dropout),
  };
}

/** The value where elements `index` up to `index + 3` are kept, else zero. The factor is the caller's. */
export function keptLanes(f: FunctionBuilder, value: V128, index: I32, key: Local<'i32'>, threshold: Local<'i32'>): V128 {
  const indices = i32x4.add(i32x4.splat(index), i32x4.constant(0, 1, 2, 3));
  const keys = i32x4.splat(key);
  const hash = mix(f, i32x4.add(mix(f, v128.xor(indices, keys)), keys));
  return v128.and(value, i32x4.greaterOrEqual(i32x4.shr(hash, 8), i32x4.splat(threshold)));
}

function mix(f: FunctionBuilder, value: V128): V128 {
  const x = f.vector(value);
  f.set(x, i32x4.mul(v128.xor(x, i32x4.shr(x, 16)), i32x4.splat(0x7feb352d)));
  f.set(x, i32x4.mul(v128.xor(x, i32x4.shr(x, 15)), i32x4.splat(0x846ca68b | 0)));
  return v128.xor(x, i32x4.shr(x, 16));
}
