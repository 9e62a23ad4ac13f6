import type { Dim } from '../../../engine/shape';
import type { DeviceTraits, KernelChoice } from '../../../engine/wgsl/kernel';

/** How a matmul kernel cuts its result: a thread makes `4 * rowQuads` rows by `4 * quads` columns. */
export interface Tiling {
  tiled: boolean;
  threadsX: number;
  threadsY: number;
  /** Groups of threads that share the inner dimension. */
  shares: number;
  rowQuads: number;
  quads: number;
  /** Fours of the inner dimension that pass through workgroup memory at a time, for each share. */
  shareQuads: number;
  /** `tiles`: operands held as float16, multiplied as float32. `sums`: eight products are added up in float16 as well. */
  half: 'none' | 'tiles' | 'sums';
}

const plain: Tiling = {
  tiled: false,
  threadsX: 4,
  threadsY: 8,
  shares: 1,
  rowQuads: 2,
  quads: 2,
  shareQuads: 1,
  half: 'none',
};

const tile32: Tiling = { ...plain, tiled: true, threadsX: 8, threadsY: 8, rowQuads: 1, quads: 1, shareQuads: 4 };
const tile64: Tiling = { ...tile32, rowQuads: 2, quads: 2 };
const tile128: Tiling = { ...tile64, threadsX: 16, threadsY: 16 };

/**
 * `direct` needs nothing but registers: software adapters, Apple. Tiles are named for their sides: large ones read each operand
 * less often, small ones leave more workgroups for a GPU that a small batch does not fill; `tile64x256` has 256 threads with few
 * registers each. Where even small tiles are few, `split` gives each to several groups of threads. A variant in float16 takes
 * an x that is float16 already and a weight that is no finer; for others it is the same kernel as without.
 */
const tilings = {
  direct: plain,
  tile32,
  tile64,
  tile64x256: { ...tile32, threadsX: 16, threadsY: 16, shareQuads: 8 },
  tile128,
  split32: { ...tile32, shares: 4 },
  split16: { ...tile32, threadsX: 4, threadsY: 4, shares: 16, shareQuads: 2 },
  'tile64 f16': { ...tile64, half: 'tiles' },
  'tile128 f16': { ...tile128, half: 'tiles' },
  'tile64 f16 sums': { ...tile64, half: 'sums' },
  'tile128 f16 sums': { ...tile128, half: 'sums' },
} as const satisfies Record<string, Tiling>;

type MatmulVariant = keyof typeof tilings;

const variantNames = Object.keys(tilings).filter(isVariant);

function isVariant(name: string): name is MatmulVariant {
  return Object.hasOwn(tilings, name);
}

/** Throws for a name that is no variant. */
export function tilingOf(variant: string): Tiling {
  if (!isVariant(variant)) throw new Error(`There is no matmul ${variant}; there are ${variantNames.join(', ')}.`);
  return tilings[variant];
}

/** Cells that a tile keeps free after each four of the inner dimension, against bank conflicts: see tiles.wgsl. */
export function paddingOf({ shares, shareQuads }: Tiling): number {
  return shares * shareQuads >= 8 ? 1 : 2;
}

export function threadsOf({ threadsX, threadsY, shares }: Tiling): number {
  return threadsX * threadsY * shares;
}

/** Blocks of 4 x 4 that a thread brings into workgroup memory at a time; threads share them without remainder. */
export function loadsOf(tiling: Tiling): number {
  const { threadsX, threadsY, shares, rowQuads, quads, shareQuads } = tiling;
  return ((threadsY * rowQuads + threadsX * quads) * shares * shareQuads) / threadsOf(tiling);
}

function workgroupBytes(tiling: Tiling): number {
  if (!tiling.tiled) return 0;
  const { threadsX, threadsY, shares, rowQuads, quads, shareQuads, half } = tiling;
  const cells = (4 * (threadsY * rowQuads + threadsX * quads) + 2 * paddingOf(tiling)) * shares * shareQuads;
  return cells * (half === 'none' ? 16 : 8);
}

function variants(device: DeviceTraits): string[] {
  return variantNames.filter((name) => {
    const tiling: Tiling = tilings[name];
    const threads = threadsOf(tiling);
    const fits =
      threads <= device.maxComputeInvocationsPerWorkgroup && workgroupBytes(tiling) <= device.maxComputeWorkgroupStorageSize;
    return fits && (device.shaderF16 || tiling.half === 'none');
  });
}

/** All variants compute every shape, so that a small case proves what a large node uses; a choice is a class of shapes. */
function choiceFor(name: string, onTiledDevices: MatmulVariant): KernelChoice {
  return {
    name,
    variants,
    preferred: (device) => (device.matmul === 'tiled' && variants(device).includes(onTiledDevices) ? onTiledDevices : 'direct'),
  };
}

const large = choiceFor('linear.large', 'tile64');
const small = choiceFor('linear.small', 'tile32');
const skinny = choiceFor('linear.skinny', 'split32');

export const matmulChoices: readonly KernelChoice[] = [large, small, skinny];

const fewRows = 64;
const manyColumns = 1536;

/** The class of a result with so many rows and columns. One row a sequence is few. */
export function matmulChoice(rows: Dim, columns: number): KernelChoice {
  if (rows === 'tokens' || (typeof rows === 'number' && rows > fewRows)) return columns >= manyColumns ? large : small;
  return skinny;
}
