import { buildKernel } from '../engine/wgsl/buildKernel';
import type { DeviceTraits, Kernel, KernelContext } from '../engine/wgsl/kernel';
import type { Dim } from '../engine/shape';
import type { LinearAttributes } from './attributes';
import wgsl from './linear.wgsl?raw';
import dropout from './shared/dropout.wgsl?raw';
import { dropoutFloats, dropoutIntegers } from './shared/dropoutShape';
import gelu from './shared/gelu.wgsl?raw';
import { narrowMatmulKernel } from './shared/narrowMatmul';
import { bind, bindOptional, elementTypeOf, extents, operand, result, rowsOf } from './shared/operands';

const noMask = { dropout: 0, site: 0 };
const narrowest = 16;

export function linearKernel({ node, attributes, device }: KernelContext<LinearAttributes>): Kernel[] {
  const [, , bias, low, lift, pre] = node.inputs;
  const x = operand(node, 0);
  const weight = operand(node, 1);
  const y = result(node, 0);
  const [rows, inner] = extents(x);
  const [, columns] = extents(y);
  const { transposed, lora, activation } = attributes;
  if (columns <= narrowest && !lora && activation === 'none') {
    const scaled = { bias: bias ?? null, rankIn: transposed, scale: 1, mask: noMask };
    return [narrowMatmulKernel({ label: node.op, x, a: weight, y, ...scaled })];
  }
  const type = elementTypeOf(inner, columns);
  const liftType = lora?.layout === 'rankOut' ? type : 'scalar';
  const mask = lora ?? noMask;
  const drops = mask.dropout > 0;
  const hasGelu = activation !== 'none';
  const tile = tileOf(device, rows, columns, type === 'vec4');
  const flags = {
    ...tile,
    FOUR: 4,
    VEC: type === 'vec4',
    TRANSPOSED: transposed,
    BIAS: Boolean(bias),
    LORA: Boolean(lora),
    LIFT_VEC: liftType === 'vec4',
    OUT_RANK: lora?.layout === 'outRank',
    DROPOUT: drops,
    GELU: activation === 'gelu',
    GELU_GRADIENT: activation === 'geluGradient',
    LINEAR_END: !hasGelu,
  };
  return [
    buildKernel({
      label: node.op,
      body: [...(drops ? [dropout] : []), ...(hasGelu ? [gelu] : []), wgsl],
      flags,
      bindings: [
        bind('x', x, type),
        bind('weight', weight, type),
        ...bindOptional('bias', bias),
        ...bindOptional('low', low),
        ...bindOptional('lift', lift, liftType),
        ...bindOptional('pre', activation === 'gelu' ? result(node, 1) : pre, type),
        bind('y', y, type),
      ],
      integers: { rows, inner, columns, rank: low ? extents(low)[1] : 0, ...dropoutIntegers(mask) },
      floats: { scale: lora?.scale ?? 1, ...dropoutFloats(mask) },
      grid: (counts) => [
        Math.ceil(columns / (tile.THREADS_X * tile.QUADS * 4)),
        Math.ceil(rowsOf(x, counts) / (tile.THREADS_Y * tile.ROW_QUADS * 4)),
        1,
      ],
      multiplyAdds: (counts) => rowsOf(x, counts) * columns * (inner + (low ? extents(low)[1] : 0)),
    }),
  ];
}

interface Tile {
  TILED: boolean;
  THREADS_X: number;
  THREADS_Y: number;
  ROW_QUADS: number;
  QUADS: number;
}

/** Small tiles where large ones would leave most of a GPU idle. */
function tileOf(device: DeviceTraits, rows: Dim, columns: number, vec4: boolean): Tile {
  if (device.matmul === 'direct' || !vec4) return { TILED: false, THREADS_X: 4, THREADS_Y: 8, ROW_QUADS: 2, QUADS: 2 };
  const quads = rows === 'tokens' && columns >= 1536 ? 2 : 1;
  return { TILED: true, THREADS_X: 8, THREADS_Y: 8, ROW_QUADS: quads, QUADS: quads };
}
