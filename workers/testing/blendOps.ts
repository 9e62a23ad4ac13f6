import type { Node, ShapeRules, Value } from '../engine/graph';
import type { Counts } from '../engine/shape';
import { buildKernel, spread } from '../engine/wgsl/buildKernel';
import type { KernelTable } from '../engine/wgsl/executor';

/** y = x * lossWeight + w, for each of `columns` columns; enough of an op to see what an executor does. */
const wgsl = `
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  if (i >= extent(shape.rows) * shape.columns) { return; }
//@if GATHER
  y[i] = w_at(i);
//@else
  y[i] = x_at(i) * batch.lossWeight + w_at(i);
//@end
}`;

function kernelOf(node: Node, gather: boolean) {
  const [y] = node.outputs;
  const [x, w] = gather ? [null, node.inputs[0]] : node.inputs;
  if (!y || !w) throw new Error('The test graph is wrong.');
  const columns = Number(y.shape[1]);
  const size = (counts: Counts) => (y.shape[0] === 'tokens' ? counts.tokens : Number(y.shape[0])) * columns;
  return buildKernel({
    label: node.op,
    body: [wgsl],
    flags: { GATHER: gather },
    bindings: [...(x ? [{ name: 'x', value: x, type: 'scalar' as const }] : []), scalar('w', w), scalar('y', y)],
    integers: { rows: y.shape[0] ?? 1, columns },
    grid: (counts) => spread(Math.ceil(size(counts) / 64)),
    multiplyAdds: (counts) => size(counts) * 100,
  });
}

const scalar = (name: string, value: Value) => ({ name, value, type: 'scalar' as const });

/** Ops that show what an executor does: `blend` (x, w), `copy` (w), and `broken`, which does not compile. */
export const blendOps: KernelTable = {
  blend: { kernel: ({ node }) => [kernelOf(node, false)] },
  copy: { kernel: ({ node }) => [kernelOf(node, true)] },
  broken: { kernel: ({ node }) => [{ ...kernelOf(node, true), source: 'fn main() -> nonsense {}' }] },
};
export const blendRules: ShapeRules = { inferShape: (_, inputs) => [inputs[0] ?? []] };

/** A device of the test's own. */
export async function newDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  return adapter.requestDevice();
}
