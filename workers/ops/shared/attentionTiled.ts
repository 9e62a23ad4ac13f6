import type { Node, Value } from '../../engine/graph';
import type { Counts } from '../../engine/shape';
import { buildKernel, spread, type BindingSpec } from '../../engine/wgsl/buildKernel';
import type { Kernel } from '../../engine/wgsl/kernel';
import gradientRows from './attentionGradientRows.wgsl?raw';
import rows from './attentionRows.wgsl?raw';
import { sources, uniformsOf, type AttentionSetting, type AttentionValues } from './attentionSetting';
import forward from './attentionTiledForward.wgsl?raw';
import ofKeys from './attentionTiledKeys.wgsl?raw';
import products from './attentionTiledProducts.wgsl?raw';
import ofQueries from './attentionTiledQueries.wgsl?raw';
import sums from './attentionTiledSums.wgsl?raw';
import tiles from './attentionTiles.wgsl?raw';
import { bind, operand, result, rowsOf } from './operands';

/**
 * Rows that a workgroup of 64 threads keeps the results of. More rows load each key less often; fewer leave more workgroups
 * for a GPU that a small batch does not fill, and waste less where sequences are short. Each takes under 14 KB of workgroup
 * memory, whatever the head: less than any WebGPU device has.
 */
const tileRows = { rows16: 16, rows32: 32 } as const;

export type TileVariant = keyof typeof tileRows;

export const tileVariants: readonly TileVariant[] = ['rows16', 'rows32'];

export function isTileVariant(variant: string): variant is TileVariant {
  return variant in tileRows;
}

/** Rows that a workgroup streams past its own at a time. */
const streamedRows = 32;
const threadsDown = 8;
const quadsPerChunk = 8;
/** Sums that a thread keeps in registers, in fours. */
const mostSums = 16;

export function tiledForward(node: Node, values: AttentionValues, setting: AttentionSetting, variant: TileVariant): Kernel {
  const out = result(node, 0);
  const own = ownRows(variant, setting, 1);
  return buildKernel({
    label: `${node.op} ${variant}`,
    body: [rows, tiles, withLoops(forward)],
    bindings: [...sources(values, setting, 'queries'), bind('out', out, 'vec4'), bind('logSumExp', result(node, 1))],
    ...partsOf(out, setting, own, 2.5),
  });
}

export function tiledBackward(node: Node, values: AttentionValues, setting: AttentionSetting, variant: TileVariant): Kernel[] {
  const dout = operand(node, 0);
  const bindings: BindingSpec[] = [
    bind('dout', dout, 'vec4'),
    bind('out', operand(node, 1), 'vec4'),
    bind('logSumExp', operand(node, 2)),
    ...sources(values, setting, 'queries'),
    bind('gradient', result(node, 0), 'vec4'),
  ];
  const body = [rows, gradientRows, tiles];
  return [
    buildKernel({
      label: `${node.op} of queries, ${variant}`,
      body: [...body, withLoops(ofQueries)],
      bindings,
      ...partsOf(dout, setting, ownRows(variant, setting, 1), 3.5),
    }),
    buildKernel({
      label: `${node.op} of keys, ${variant}`,
      body: [...body, withLoops(ofKeys)],
      bindings,
      ...partsOf(dout, setting, ownRows(variant, setting, 2), 5, setting.heads / setting.sharing),
    }),
  ];
}

/** A kernel with the two inner loops that all three have where it says so: its own variables are what they read and add to. */
function withLoops(kernel: string): string {
  return kernel.replace('//@products\n', () => products).replace('//@sums\n', () => sums);
}

/** As many rows as the variant says, fewer where a head's sums (of so many results) would not fit the registers. */
function ownRows(variant: TileVariant, { headSize }: AttentionSetting, results: number): number {
  const perThread = Math.floor(mostSums / (chunksOf(headSize) * results));
  return Math.min(tileRows[variant], threadsDown * Math.max(1, perThread));
}

function chunksOf(headSize: number): number {
  return Math.ceil(headSize / (4 * quadsPerChunk));
}

function partsOf(rowsLike: Value, setting: AttentionSetting, own: number, perPair: number, heads = setting.heads) {
  const { columns, headSize, window } = setting;
  const tilesOf = (counts: Counts): number => Math.ceil(rowsOf(rowsLike, counts) / own);
  return {
    flags: {
      POOLED: false,
      VEC: true,
      FOUR: 4,
      QUADS: headSize / 4,
      CHUNKS: chunksOf(headSize),
      ROWS: own / threadsDown,
    },
    ...uniformsOf(rowsLike, setting),
    grid: (counts: Counts) => spread(tilesOf(counts) * heads),
    multiplyAdds: (counts: Counts) => tilesOf(counts) * own * streamedPerTile(counts, own, window) * columns * perPair,
  };
}

/** Rows that stream past a tile, masked ones with them, if all sequences of the batch are of one length. */
function streamedPerTile({ tokens, sequences }: Counts, own: number, window: number | null): number {
  const whole = Math.ceil(tokens / streamedRows) * streamedRows;
  // A tile begins anywhere in a sequence; its stream is rounded up to whole tiles.
  const before = (tokens / Math.max(1, sequences) - 1) / 2;
  return Math.min(whole, Math.min(before, window ?? Infinity) + own + (streamedRows - 1) / 2);
}
