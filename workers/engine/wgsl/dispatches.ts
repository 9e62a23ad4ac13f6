import type { Phase } from '../graph';
import type { Counts } from '../shape';
import { maxWorkgroupsPerAxis } from './buildKernel';
import type { Kernel } from './kernel';
import type { CompiledPipeline } from './pipelines';
import { workPerDispatch, type DispatchWork } from './submitCutting';

/** A kernel of a program with its pipeline. */
export interface PlannedKernel {
  kernel: Kernel;
  phase: Phase;
  compiled: CompiledPipeline;
}

/** One of a run. */
export interface Dispatch extends DispatchWork {
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  gridX: number;
  gridZ: number;
}

/** What a run of these counts dispatches. Throws a RangeError where a grid is larger than WebGPU allows. */
export function makeDispatches(
  kernels: readonly PlannedKernel[],
  groups: readonly GPUBindGroup[],
  counts: Counts,
  update: boolean,
): Dispatch[] {
  const dispatches: Dispatch[] = [];
  kernels.forEach(({ kernel, phase, compiled }, index) => {
    if (phase === 'update' && !update) return;
    const [gridX, gridY, gridZ] = kernel.grid(counts);
    if (Math.max(gridX, gridY, gridZ) > maxWorkgroupsPerAxis) {
      throw new RangeError(
        `${kernel.label} wants ${gridX} x ${gridY} x ${gridZ} workgroups; ${maxWorkgroupsPerAxis} is the limit.`,
      );
    }
    const work = kernel.multiplyAdds(counts) + workPerDispatch;
    const { splittable } = kernel;
    dispatches.push({ pipeline: compiled.pipeline, group: groups[index]!, gridX, gridY, gridZ, work, splittable });
  });
  return dispatches;
}
