import type { Dim } from '../../../engine/shape';
import type { Value } from '../../../engine/graph';
import { buildKernel } from '../../../engine/wgsl/buildKernel';
import type { DeviceTraits, Kernel } from '../../../engine/wgsl/kernel';
import type { RowWindow } from '../../../engine/wgsl/rowWindows';
import { flagsOf, mainOf, tilingFor } from '../../linear.kernel';
import { bind, elementTypeOf, extents, rowsOf } from '../operands';
import finish from './finish.wgsl?raw';
import operands from './operands.wgsl?raw';

/** Rows of a weight that a product takes: `first` up to, not including, `end`, of those that one buffer holds. */
export interface WeightWindow {
  first: number;
  end: number;
  buffer: RowWindow;
}

/** A product and nothing else. */
const plainEnd = {
  BIAS: false,
  LORA: false,
  RANK_VEC: false,
  OUT_RANK: false,
  DROPOUT: false,
  GELU: false,
  GELU_GRADIENT: false,
  LINEAR_END: true,
};

interface Parts {
  label: string;
  x: Value;
  weight: Value;
  window: WeightWindow;
  y: Value;
  device: DeviceTraits;
}

/** y (R, width) = x (R, inner) times the window's rows, transposed; `width` is the window's, in whole fours. */
export function towardsWindow(parts: Parts): Kernel {
  const [, inner] = extents(parts.x);
  return windowKernel(parts, { transposed: true, inner, columns: widthOf(parts.window), adds: false });
}

/** y (R, C) = x (R, width) times the window's rows, or that added to it. What x has beyond the window's end must be zero. */
export function fromWindow(parts: Parts, adds: boolean): Kernel {
  const [, columns] = extents(parts.y);
  return windowKernel(parts, { transposed: false, inner: widthOf(parts.window), columns, adds });
}

/** Columns of a product with a window: its rows, in whole fours. */
export function widthOf({ first, end }: WeightWindow): number {
  return Math.ceil((end - first) / 4) * 4;
}

function windowKernel(
  { label, x, weight, window, y, device }: Parts,
  { transposed, inner, columns, adds }: { transposed: boolean; inner: number; columns: number; adds: boolean },
): Kernel {
  const type = elementTypeOf(inner, columns);
  const { label: variant, tiling } = tilingFor(y, x, weight, type, device);
  const rows: Dim = extents(x)[0];
  const kernel = buildKernel({
    label: `${label} ${variant}`,
    enables: tiling.half === 'none' ? [] : ['f16'],
    body: [operands, finish, ...mainOf(tiling)],
    flags: {
      ...flagsOf(tiling),
      VEC: type === 'vec4',
      TRANSPOSED: transposed,
      ...plainEnd,
      WINDOW: true,
      ADDS: !transposed,
    },
    bindings: [bind('x', x, type), bind('weight', weight, type), bind('y', y, type)],
    integers: {
      rows,
      inner,
      columns,
      weightFirst: window.first - window.buffer.begin,
      weightLast: window.end - window.buffer.begin - 1,
      adds: adds ? 1 : 0,
    },
    grid: (counts) => [
      Math.ceil(columns / (tiling.threadsX * tiling.quads * 4)),
      Math.ceil(rowsOf(x, counts) / (tiling.threadsY * tiling.rowQuads * 4)),
      1,
    ],
    multiplyAdds: (counts) => rowsOf(x, counts) * columns * inner,
  });
  const bindings = kernel.bindings.map((binding) =>
    binding.value.id === weight.id && weight.role.kind === 'weight' ? { ...binding, rows: window.buffer } : binding,
  );
  return { ...kernel, bindings };
}
