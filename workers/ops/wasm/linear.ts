import type { Value } from '../../engine/graph';
import type { WasmContext, WasmOp } from '../../engine/wasm/kernel';
import type { LinearAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { matmulKernels, multiply, packed, type Product } from './matmul';

export const linearWasm: WasmOp<LinearAttributes> = {
  kernels: matmulKernels,
  packs: ({ transposed }) => ({ input: 1, transposed }),

  run(context, { transposed, lora, activation }) {
    const { node, address } = context;
    const [x, weight, y] = [operand(node, 0), operand(node, 1), result(node, 0)];
    const [rows, inner] = sizesOf(context, x);
    const [, columns] = sizesOf(context, y);
    const [low, lift, pre] = [3, 4, 5].map((index) => optionalInput(node.inputs, index));
    const wanted: Product = {
      a: address(x),
      rows,
      inner,
      panels: panelsOf(context, weight, { inner, columns, transposed }),
      columns,
      c: address(y),
      bias: address(optionalInput(node.inputs, 2)),
      activation,
      pre: activation === 'gelu' ? address(result(node, 1)) : address(pre),
    };
    if (lora && low && lift) {
      const [, rank] = sizesOf(context, low);
      const { layout, scale } = lora;
      const panels = packed(context, address(lift), { inner: rank, columns, transposed: layout === 'outRank', scale });
      wanted.lora = { low: address(low), lift: panels, rank, mask: lora };
    }
    multiply(context, wanted);
  },
};

/** A frozen weight is packed once and for all, one that is trained at every use. */
function panelsOf(
  context: WasmContext,
  weight: Value,
  { inner, columns, transposed }: { inner: number; columns: number; transposed: boolean },
): number {
  if (weight.role.kind === 'weight') return context.packed(weight, transposed);
  return packed(context, context.address(weight), { inner, columns, transposed, scale: 1 });
}
