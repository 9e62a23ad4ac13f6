import type { Kernel } from './kernel';
import type { Memory } from './memory';
import { readStaging } from './readback';

/** A dispatch as it is encoded. */
interface Dispatch {
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  gridX: number;
  gridY: number;
  gridZ: number;
}

/** How long one dispatch took on the device. */
export interface DispatchTime {
  /** The kernel, with the last dimensions of its first and its last value. */
  label: string;
  elapsedMs: number;
}

/** A query set holds at most 4,096 timestamps. */
const dispatchesPerSubmit = 2048;

/**
 * Runs the dispatches, each in a pass of its own between two timestamps; `kernels[i]` is what `dispatches[i]` runs.
 * Returns null where the device was opened without timestamps.
 */
export async function timeDispatches(
  memory: Memory,
  dispatches: readonly Dispatch[],
  kernels: readonly Kernel[],
): Promise<DispatchTime[] | null> {
  if (!memory.device.features.has('timestamp-query')) return null;
  const times: number[] = [];
  for (let begin = 0; begin < dispatches.length; begin += dispatchesPerSubmit) {
    times.push(...(await timeSome(memory, dispatches.slice(begin, begin + dispatchesPerSubmit))));
  }
  return times.map((elapsedMs, index) => ({ label: labelOf(kernels[index]), elapsedMs }));
}

async function timeSome(memory: Memory, dispatches: readonly Dispatch[]): Promise<number[]> {
  const { device } = memory;
  const sizeBytes = dispatches.length * 16;
  const querySet = device.createQuerySet({ type: 'timestamp', count: dispatches.length * 2 });
  const resolved = memory.allocate('dispatch times', sizeBytes, GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC);
  const staging = memory.allocate('dispatch times read', sizeBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  try {
    const encoder = device.createCommandEncoder();
    dispatches.forEach(({ pipeline, group, gridX, gridY, gridZ }, index) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: index * 2, endOfPassWriteIndex: index * 2 + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group, [0]);
      pass.dispatchWorkgroups(gridX, gridY, gridZ);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, dispatches.length * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, sizeBytes);
    device.queue.submit([encoder.finish()]);
    const stamps = new BigUint64Array(await readStaging(staging, sizeBytes));
    return dispatches.map((_, index) => Number(stamps[index * 2 + 1]! - stamps[index * 2]!) / 1e6);
  } finally {
    querySet.destroy();
    memory.release(resolved);
    memory.release(staging);
  }
}

function labelOf(kernel: Kernel | undefined): string {
  const first = kernel?.bindings[0]?.value.shape.at(-1);
  const last = kernel?.bindings.at(-1)?.value.shape.at(-1);
  return kernel ? `${kernel.label} ${first}→${last}` : 'unknown';
}
