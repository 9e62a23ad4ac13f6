import type { Value } from '../engine/graph';
import { buildKernel, isHalf, type ElementType } from '../engine/wgsl/buildKernel';
import { blockFormatOf } from '../engine/weightStorage';
import { variantOf, type DeviceTraits, type Kernel, type KernelContext } from '../engine/wgsl/kernel';
import type { LinearAttributes } from './attributes';
import dropout from './shared/dropout.wgsl?raw';
import { dropoutFloats, dropoutIntegers } from './shared/dropoutShape';
import gelu from './shared/gelu.wgsl?raw';
import begin from './shared/matmul/begin.wgsl?raw';
import direct from './shared/matmul/direct.wgsl?raw';
import end from './shared/matmul/end.wgsl?raw';
import finish from './shared/matmul/finish.wgsl?raw';
import operands from './shared/matmul/operands.wgsl?raw';
import shares from './shared/matmul/shares.wgsl?raw';
import tiled from './shared/matmul/tiled.wgsl?raw';
import tiles from './shared/matmul/tiles.wgsl?raw';
import { loadsOf, matmulChoice, paddingOf, tilingOf, type Tiling } from './shared/matmul/variants';
import { narrowMatmulKernel } from './shared/narrowMatmul';
import { bind, bindOptional, elementTypeOf, extents, operand, result, rowsOf } from './shared/operands';

const noMask = { dropout: 0, site: 0 };

/** With so few columns, and nothing but a product, threads share the inner dimension instead of the columns. */
export const narrowestLinear = 16;

export function linearKernel({ node, attributes, device }: KernelContext<LinearAttributes>): Kernel[] {
  const [, , bias, low, lift, pre] = node.inputs;
  const x = operand(node, 0);
  const weight = operand(node, 1);
  const y = result(node, 0);
  const [rows, inner] = extents(x);
  const [, columns] = extents(y);
  const { transposed, lora, activation } = attributes;
  if (columns <= narrowestLinear && !lora && activation === 'none') {
    const scaled = { bias: bias ?? null, rankIn: transposed, scale: 1, mask: noMask };
    return [narrowMatmulKernel({ label: node.op, x, a: weight, y, ...scaled, device })];
  }
  const type = elementTypeOf(inner, columns);
  const rank = low ? extents(low)[1] : 0;
  const lowType = type === 'vec4' && low ? elementTypeOf(rank) : 'scalar';
  const mask = lora ?? noMask;
  const drops = mask.dropout > 0;
  const hasGelu = activation !== 'none';
  const { label, tiling } = tilingFor(y, x, weight, type, device);
  return [
    buildKernel({
      label: `${node.op} ${label}`,
      enables: tiling.half === 'none' ? [] : ['f16'],
      body: [...(drops ? [dropout] : []), ...(hasGelu ? [gelu] : []), operands, finish, ...mainOf(tiling)],
      flags: {
        ...flagsOf(tiling),
        VEC: type === 'vec4',
        TRANSPOSED: transposed,
        BIAS: Boolean(bias),
        LORA: Boolean(lora),
        RANK_VEC: lowType === 'vec4',
        OUT_RANK: lora?.layout === 'outRank',
        DROPOUT: drops,
        GELU: activation === 'gelu',
        GELU_GRADIENT: activation === 'geluGradient',
        LINEAR_END: !hasGelu,
        WINDOW: false,
        ADDS: false,
      },
      bindings: [
        bind('x', x, type),
        bind('weight', weight, type),
        ...bindOptional('bias', bias),
        ...bindOptional('low', low, lowType),
        ...bindOptional('lift', lift, lowType),
        ...bindOptional('pre', activation === 'gelu' ? result(node, 1) : pre, type),
        bind('y', y, type),
      ],
      integers: { rows, inner, columns, rank, ...dropoutIntegers(mask) },
      floats: { scale: lora?.scale ?? 1, ...dropoutFloats(mask) },
      grid: (counts) => [
        Math.ceil(columns / (tiling.threadsX * tiling.quads * 4)),
        Math.ceil(rowsOf(x, counts) / (tiling.threadsY * tiling.rowQuads * 4)),
        1,
      ],
      multiplyAdds: (counts) => rowsOf(x, counts) * columns * (inner + rank),
    }),
  ];
}

/** As the device has it, where the operands allow that: tiles need fours, float16 an x that is so already and a weight no finer. */
export function tilingFor(
  y: Value,
  x: Value,
  weight: Value,
  type: ElementType,
  device: DeviceTraits,
): { label: string; tiling: Tiling } {
  const [rows, columns] = extents(y);
  const variant = type === 'vec4' ? variantOf(matmulChoice(rows, columns), device) : 'direct';
  const tiling = tilingOf(variant);
  if (tiling.half === 'none' || (isHalf(x) && (isHalf(weight) || blockFormatOf(weight)))) return { label: variant, tiling };
  return { label: variant.replace(/ f16.*$/, ''), tiling: { ...tiling, half: 'none' } };
}

/** The kernel's pieces after operands and finish. */
export function mainOf({ tiled: inTiles, shares: shareCount }: Tiling): string[] {
  if (!inTiles) return [begin, direct, end];
  return [tiles, begin, tiled, shareCount > 1 ? shares : end];
}

/** What the pieces know of the tiling. */
export function flagsOf(tiling: Tiling) {
  return {
    FOUR: 4,
    TILED: tiling.tiled,
    HALF: tiling.half !== 'none',
    HALF_SUMS: tiling.half === 'sums',
    SHARED: tiling.shares > 1,
    THREADS_X: tiling.threadsX,
    THREADS_Y: tiling.threadsY,
    SHARES: tiling.shares,
    ROW_QUADS: tiling.rowQuads,
    QUADS: tiling.quads,
    ...(tiling.tiled ? { SHARE_QUADS: tiling.shareQuads, PAD: paddingOf(tiling), LOADS: loadsOf(tiling) } : {}),
  };
}
