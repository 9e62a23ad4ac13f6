import type { WeightRows } from '../executor';
import type { Value } from '../graph';
import { elementCount, type Counts } from '../shape';
import type { StepValues } from '../step';
import { fromFloat16Array, toFloat16Array } from '../../api/float16';
import { isHalf } from './buildKernel';
import type { Kernel } from './kernel';
import { Memory } from './memory';
import type { CompiledPipeline } from './pipelines';
import { readStaging } from './readback';
import type { RowWindow } from './rowWindows';
import { shapeBytes, shapeTable, slotBytes, stepUniform, stepUniformBytes } from './uniforms';
import { WeightStore } from './weightStore';

/** Kernels with data of their own, to see what a device makes of them. No value of one trial is shared with another. */
export interface Trial {
  kernels: readonly Kernel[];
  counts: Counts;
  step: StepValues;
  /** What the kernels find, by value id; everything else begins as zeros. */
  contents: ReadonlyMap<number, Float32Array | Int32Array>;
  /** What is read back afterwards. */
  outputs: readonly Value[];
}

/**
 * Runs all trials by one submit and reads their outputs as float32. `pipelines`: those of each trial's kernels, in order.
 * Throws with the device's words where it refuses a command.
 */
export async function runTrials(
  device: GPUDevice,
  trials: readonly Trial[],
  pipelines: readonly (readonly CompiledPipeline[])[],
): Promise<Float32Array[][]> {
  const memory = new Memory(device);
  try {
    device.pushErrorScope('validation');
    const bench = new TrialBench(memory, trials, pipelines);
    const read = bench.submit();
    const error = await device.popErrorScope();
    if (error) throw new Error(`A kernel could not be tried on this device: ${error.message}`);
    await memory.settled();
    return await read();
  } finally {
    memory.releaseAll();
  }
}

interface Reading {
  trial: number;
  value: Value;
  buffer: GPUBuffer;
  offset: number;
  sizeBytes: number;
  count: number;
}

/** Buffers, bind groups and commands of a set of trials. */
export class TrialBench {
  private readonly memory: Memory;
  private readonly trials: readonly Trial[];
  private readonly pipelines: readonly (readonly CompiledPipeline[])[];
  private readonly steps: GPUBuffer;
  private readonly shapes: GPUBuffer;
  private readonly origin: GPUBuffer;
  private readonly places: TrialPlaces[];
  /** Of each trial's first kernel, in the table of shapes. */
  private readonly firstSlots: number[] = [];
  private readonly groups = new Map<number, GPUBindGroup>();

  constructor(memory: Memory, trials: readonly Trial[], pipelines: readonly (readonly CompiledPipeline[])[]) {
    this.memory = memory;
    this.trials = trials;
    this.pipelines = pipelines;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const { queue } = memory.device;
    this.origin = memory.allocate('trial origin', slotBytes, usage);
    this.steps = memory.allocate('trial steps', trials.length * slotBytes, usage);
    trials.forEach(({ counts, step }, index) => queue.writeBuffer(this.steps, index * slotBytes, stepUniform(counts, step)));
    let slots = 0;
    for (const { kernels } of trials) {
      this.firstSlots.push(slots);
      slots += kernels.length;
    }
    const table = shapeTable(trials.flatMap(({ kernels }) => kernels));
    this.shapes = memory.allocate('trial shapes', table.byteLength, usage);
    queue.writeBuffer(this.shapes, 0, table);
    this.places = trials.map((trial) => new TrialPlaces(memory, trial));
  }

  /** Runs everything; the result reads the outputs of each trial. */
  submit(): () => Promise<Float32Array[][]> {
    const { device } = this.memory;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.trials.forEach(({ kernels }, trial) => kernels.forEach((_, at) => this.dispatch(pass, trial, at)));
    pass.end();
    const readings = this.readings();
    const sizeBytes = readings.reduce((sum, reading) => sum + reading.sizeBytes, 0);
    const staging = this.memory.allocate('trial results', sizeBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    for (const reading of readings) encoder.copyBufferToBuffer(reading.buffer, 0, staging, reading.offset, reading.sizeBytes);
    device.queue.submit([encoder.finish()]);
    return async () => {
      const bytes = await readStaging(staging, sizeBytes);
      const results = this.trials.map((): Float32Array[] => []);
      for (const reading of readings) results[reading.trial]!.push(numbersOf(reading, bytes));
      return results;
    };
  }

  /** Encodes kernel `at` of a trial. */
  dispatch(pass: GPUComputePassEncoder, trial: number, at: number): void {
    const { kernels, counts } = this.trials[trial]!;
    const kernel = kernels[at]!;
    const compiled = this.pipelines[trial]![at]!;
    const slot = this.firstSlots[trial]! + at;
    const group = this.groups.get(slot) ?? this.bind(kernel, compiled, trial, slot);
    this.groups.set(slot, group);
    pass.setPipeline(compiled.pipeline);
    pass.setBindGroup(0, group, [0]);
    pass.dispatchWorkgroups(...kernel.grid(counts));
  }

  private bind(kernel: Kernel, { layout }: CompiledPipeline, trial: number, slot: number): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = [
      { binding: 0, resource: { buffer: this.steps, offset: trial * slotBytes, size: stepUniformBytes } },
      { binding: 1, resource: { buffer: this.shapes, offset: slot * shapeBytes, size: shapeBytes } },
      { binding: 2, resource: { buffer: this.origin, size: 16 } },
      ...kernel.bindings.map(({ value, rows }, at) => ({
        binding: at + 3,
        resource: { buffer: this.places[trial]!.bufferOf(value, rows) },
      })),
    ];
    return this.memory.device.createBindGroup({ label: kernel.label, layout, entries });
  }

  private readings(): Reading[] {
    let offset = 0;
    return this.trials.flatMap(({ outputs, counts }, trial) =>
      outputs.map((value) => {
        const count = elementCount(value.shape, counts);
        const sizeBytes = Math.ceil((count * bytesPerNumber(value)) / 4) * 4;
        const reading = { trial, value, buffer: this.places[trial]!.bufferOf(value), offset, sizeBytes, count };
        offset += sizeBytes;
        return reading;
      }),
    );
  }
}

/** Where the values of one trial lie: a buffer each; weights as a `WeightStore` holds them. */
class TrialPlaces {
  private readonly memory: Memory;
  private readonly weights: WeightStore;
  private readonly trial: Trial;
  private readonly buffers = new Map<number, GPUBuffer>();

  constructor(memory: Memory, trial: Trial) {
    this.memory = memory;
    this.trial = trial;
    this.weights = new WeightStore(memory, memory.device.limits.maxStorageBufferBindingSize);
    const values = new Map(trial.kernels.flatMap(({ bindings }) => bindings.map(({ value }) => [value.id, value])));
    for (const value of values.values()) {
      if (value.role.kind === 'weight') this.addWeight(value);
      else this.buffers.set(value.id, this.filled(value));
    }
  }

  bufferOf(value: Value, rows?: RowWindow): GPUBuffer {
    const buffer = value.role.kind === 'weight' ? this.weights.bufferOf(value, rows) : this.buffers.get(value.id);
    if (!buffer) throw new Error(`${value.label} is read back from a trial that does not bind it.`);
    return buffer;
  }

  private addWeight(value: Value): void {
    this.weights.allocate([value]);
    const values = this.trial.contents.get(value.id);
    if (values instanceof Float32Array) this.weights.write(weightRows(value, values));
  }

  private filled(value: Value): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const sizeBytes = elementCount(value.shape, this.trial.counts) * bytesPerNumber(value);
    const buffer = this.memory.allocate(value.label, sizeBytes, usage);
    const values = this.trial.contents.get(value.id);
    if (values) this.memory.device.queue.writeBuffer(buffer, 0, storedBytes(value, values));
    return buffer;
  }
}

function weightRows({ role, shape, label }: Value, values: Float32Array): WeightRows {
  if (role.kind !== 'weight') throw new Error(`${label} is no weight.`);
  const [rows, rowLength] = shape.length === 1 ? [1, Number(shape[0])] : [Number(shape[0]), Number(shape[1])];
  return { tensor: role.tensor, rowOffset: 0, rows, rowLength, values };
}

function bytesPerNumber(value: Value): number {
  return isHalf(value) ? 2 : 4;
}

function storedBytes(value: Value, values: Float32Array | Int32Array): ArrayBuffer {
  const stored = isHalf(value) && values instanceof Float32Array ? toFloat16Array(values) : values;
  const bytes = new ArrayBuffer(Math.ceil(stored.byteLength / 4) * 4);
  new Uint8Array(bytes).set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
  return bytes;
}

function numbersOf({ value, offset, count }: Reading, bytes: ArrayBuffer): Float32Array {
  if (!isHalf(value)) return new Float32Array(bytes.slice(offset, offset + count * 4));
  return fromFloat16Array(new Uint16Array(bytes.slice(offset, offset + count * 2)));
}
