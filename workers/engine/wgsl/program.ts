import type { Batch, Program, Readings, RunCounts } from '../executor';
import type { Graph, Phase, Value } from '../graph';
import type { MemoryPlan } from '../memoryPlan';
import { countsOf, elementCount, requireRoom, targetsOf, type Counts } from '../shape';
import type { StepValues } from '../step';
import { makeDispatches, type Dispatch, type PlannedKernel } from './dispatches';
import { timeDispatches, type DispatchTime } from './dispatchTimes';
import { requireBindingSize } from './memory';
import { readStaging, StagingRing } from './readback';
import type { RowWindow } from './rowWindows';
import type { Runtime } from './runtime';
import { shapeBytes, shapeTable, slotBytes, stepUniform, stepUniformBytes } from './uniforms';
import { timestampBytes } from './stopwatch';
import { Cutter, Pace, type Piece } from './submitCutting';

interface Range {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

interface Output {
  name: string;
  value: Value;
  phase: Phase;
}

interface Run {
  dispatches: readonly Dispatch[];
  outputs: readonly Output[];
  counts: Counts;
  staging: GPUBuffer;
}

/** Runs one graph: everything that can be made before a run is made once, here. */
export class WgslProgram implements Program {
  lastRun: RunCounts | null = null;
  readonly arenaBytes: number;
  private readonly runtime: Runtime;
  private readonly plan: MemoryPlan;
  private readonly capacity: Counts;
  private readonly kernels: readonly PlannedKernel[];
  private readonly outputs: readonly Output[];
  private readonly shapes: GPUBuffer;
  private readonly inputs = new Map<string, { buffer: GPUBuffer; value: Value }>();
  private readonly ring: StagingRing;
  private readonly pace: Pace;
  private groups: GPUBindGroup[] = [];
  private boundVersion = -1;
  private lastDispatches: { key: string; dispatches: readonly Dispatch[] } = { key: '', dispatches: [] };
  private disposed = false;

  /** Throws where a value is larger than the device can bind. */
  constructor(runtime: Runtime, graph: Graph, capacity: Counts, plan: MemoryPlan, kernels: readonly PlannedKernel[]) {
    this.runtime = runtime;
    this.plan = plan;
    this.capacity = capacity;
    this.kernels = kernels;
    const { memory, device } = runtime;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.arenaBytes = plan.arenaBytes.reduce((sum, bytes) => sum + bytes, 0);
    runtime.arenas.join(plan.arenaBytes);
    for (const [name, value] of inputsOf(graph)) {
      this.inputs.set(name, { buffer: memory.allocate(name, elementCount(value.shape, capacity) * 4, storage), value });
    }
    const table = shapeTable(kernels.map(({ kernel }) => kernel));
    this.shapes = memory.allocate('shapes', table.byteLength, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    device.queue.writeBuffer(this.shapes, 0, table);
    this.outputs = [...graph.outputs].map(([name, value]) => ({ name, value, phase: phaseOf(graph, value) }));
    this.ring = new StagingRing(memory, timestampBytes + outputBytes(this.outputs, capacity));
    this.pace = new Pace(runtime.maxSubmitMs, runtime.msPerWork);
    try {
      this.bind();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  async run(batch: Batch, step: StepValues, update: boolean): Promise<Readings> {
    this.requireFits(batch);
    // The reading comes as a function, because the next run in order need not await it.
    const { read } = await this.runtime.inOrder(async () => ({ read: await this.start(batch, step, update) }));
    return this.runtime.guard(read());
  }

  /** Runs a step with every dispatch timed by itself, for the benchmark; null where the device has no timestamps. */
  async profile(batch: Batch, step: StepValues): Promise<DispatchTime[] | null> {
    this.requireFits(batch);
    return this.runtime.inOrder(async () => {
      if (this.boundVersion !== this.runtime.bindingVersion) this.bind();
      const dispatches = this.dispatchesOf(countsOf(batch), true);
      this.writeInputs(batch, step);
      const kernels = this.kernels.map(({ kernel }) => kernel);
      return this.runtime.guard(timeDispatches(this.runtime.memory, dispatches, kernels));
    });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.ring.dispose();
    const inputs = [...this.inputs.values()].map(({ buffer }) => buffer);
    for (const buffer of [...inputs, this.shapes]) this.runtime.memory.release(buffer);
    this.runtime.arenas.leave();
  }

  /** Submits a run; the result reads its values. */
  private async start(batch: Batch, step: StepValues, update: boolean): Promise<() => Promise<Readings>> {
    this.runtime.requireAlive();
    if (this.disposed) throw new Error('This program was disposed.');
    const staging = await this.runtime.guard(this.ring.take());
    try {
      return await this.startInto(staging, batch, step, update);
    } catch (error) {
      this.ring.give(staging);
      throw error;
    }
  }

  private async startInto(staging: GPUBuffer, batch: Batch, step: StepValues, update: boolean): Promise<() => Promise<Readings>> {
    const begin = performance.now();
    const counts = countsOf(batch);
    const bindGroupsCreated = this.boundVersion === this.runtime.bindingVersion ? 0 : this.bind();
    const dispatches = this.dispatchesOf(counts, update);
    const outputs = this.outputs.filter(({ phase }) => update || phase === 'gradient');
    this.writeInputs(batch, step);
    const prepareMs = performance.now() - begin;
    const isCautious = this.pace.isUnknown;
    const run = { dispatches, outputs, counts, staging };
    const work = dispatches.reduce((sum, dispatch) => sum + dispatch.work, 0);
    const { submits, pieces, encodeMs } = await this.submit(run, work);
    this.lastRun = { dispatches: pieces, submits, bindGroupsCreated, encodeMs: prepareMs + encodeMs };
    const submittedAt = performance.now();
    return () => this.read(run, isCautious ? 0 : work, submittedAt);
  }

  /** One submit where the step is short enough; on a device of unknown speed little at first, each awaited. */
  private async submit(run: Run, work: number): Promise<{ submits: number; pieces: number; encodeMs: number }> {
    const { queue } = this.runtime.device;
    const isCautious = this.pace.isUnknown;
    const workPerSubmit = this.pace.workPerSubmit(work);
    const cutter = new Cutter(run.dispatches);
    const total = { submits: 0, pieces: 0, encodeMs: 0 };
    do {
      const begin = performance.now();
      const pieces = cutter.next(isCautious ? this.pace.nextWork() : workPerSubmit);
      queue.submit([this.encode(run, pieces, total.submits === 0, cutter.done)]);
      const submittedAt = performance.now();
      total.encodeMs += submittedAt - begin;
      total.submits += 1;
      total.pieces += pieces.length;
      if (isCautious) {
        await this.runtime.guard(queue.onSubmittedWorkDone());
        this.pace.note(
          pieces.reduce((sum, piece) => sum + piece.work, 0),
          performance.now() - submittedAt,
        );
      }
    } while (!cutter.done);
    if (isCautious) this.runtime.msPerWork = this.pace.rate;
    return total;
  }

  private encode({ dispatches, outputs, counts, staging }: Run, pieces: readonly Piece[], isFirst: boolean, isLast: boolean) {
    const encoder = this.runtime.device.createCommandEncoder();
    const pass = encoder.beginComputePass(this.runtime.stopwatch.passDescriptor(isFirst, isLast));
    const offsets = new Uint32Array(1);
    let current: GPUComputePipeline | null = null;
    for (const piece of pieces) {
      const { pipeline, group, gridX, gridZ } = dispatches[piece.dispatch]!;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      offsets[0] = piece.slot * slotBytes;
      pass.setBindGroup(0, group, offsets, 0, 1);
      pass.dispatchWorkgroups(gridX, piece.countY, gridZ);
    }
    pass.end();
    if (isLast) {
      this.runtime.stopwatch.copyTo(encoder, staging);
      let at = timestampBytes;
      for (const { value } of outputs) {
        const bytes = elementCount(value.shape, counts) * 4;
        const { buffer, offset } = this.rangeOf(value);
        encoder.copyBufferToBuffer(buffer, offset, staging, at, bytes);
        at += bytes;
      }
    }
    return encoder.finish();
  }

  private async read({ outputs, counts, staging }: Run, work: number, submittedAt: number): Promise<Readings> {
    const bytes = await readStaging(staging, timestampBytes + outputBytes(outputs, counts));
    this.ring.give(staging);
    const elapsedMs = this.runtime.stopwatch.elapsedMs(bytes.slice(0, timestampBytes), submittedAt);
    this.pace.note(work, elapsedMs);
    this.runtime.msPerWork = this.pace.rate;
    const readings = new Map<string, Float32Array>();
    let at = timestampBytes;
    for (const { name, value } of outputs) {
      const count = elementCount(value.shape, counts);
      readings.set(name, new Float32Array(bytes.slice(at, at + count * 4)));
      at += count * 4;
    }
    return readings;
  }

  /** Kept while the counts stay the same, as they do where all batches are of one shape. */
  private dispatchesOf(counts: Counts, update: boolean): readonly Dispatch[] {
    const key = `${counts.tokens} ${counts.sequences} ${targetsOf(counts)} ${update} ${this.boundVersion}`;
    if (this.lastDispatches.key !== key)
      this.lastDispatches = { key, dispatches: makeDispatches(this.kernels, this.groups, counts, update) };
    return this.lastDispatches.dispatches;
  }

  private writeInputs(batch: Batch, step: StepValues): void {
    const { queue } = this.runtime.device;
    queue.writeBuffer(this.runtime.stepBuffer, 0, stepUniform(batch, step));
    for (const [name, { buffer }] of this.inputs) {
      queue.writeBuffer(buffer, 0, batch.inputs[name] as Int32Array<ArrayBuffer>);
    }
  }

  private requireFits(batch: Batch): void {
    requireRoom(batch, this.capacity);
    for (const [name, { value }] of this.inputs) {
      const wanted = elementCount(value.shape, batch);
      const length = batch.inputs[name]?.length;
      if (length !== wanted) throw new RangeError(`The batch's ${name} has ${length ?? 'no'} numbers; ${wanted} are needed.`);
    }
  }

  /** Makes every bind group; returns how many. Again when buffers that are shared were replaced. */
  private bind(): number {
    const { device, stepBuffer, tileOriginBuffer, bindingVersion } = this.runtime;
    this.groups = this.kernels.map(({ kernel, compiled }, index) => {
      const fixed: GPUBindGroupEntry[] = [
        { binding: 0, resource: { buffer: stepBuffer, size: stepUniformBytes } },
        { binding: 1, resource: { buffer: this.shapes, offset: index * shapeBytes, size: shapeBytes } },
        { binding: 2, resource: { buffer: tileOriginBuffer, size: 16 } },
      ];
      const values = kernel.bindings.map(({ value, rows }, at): GPUBindGroupEntry => ({
        binding: at + 3,
        resource: this.rangeOf(value, rows),
      }));
      return device.createBindGroup({ label: kernel.label, layout: compiled.layout, entries: [...fixed, ...values] });
    });
    this.boundVersion = bindingVersion;
    return this.groups.length;
  }

  private rangeOf(value: Value, rows?: RowWindow): Range {
    if (value.role.kind === 'input') {
      const input = this.inputs.get(value.role.name);
      if (!input) throw new Error(`${value.label} is no input of this graph.`);
      return { buffer: input.buffer, offset: 0, size: input.buffer.size };
    }
    if (value.role.kind !== 'intermediate') {
      return this.runtime.lastingRange(value, elementCount(value.shape, this.capacity), rows);
    }
    const place = this.plan.places.get(value.id);
    const buffer = place && this.runtime.arenas.buffer(place.arena);
    if (!buffer) throw new Error(`${value.label} is used, but no node of the graph makes it.`);
    requireBindingSize(this.runtime.device.limits.maxStorageBufferBindingSize, value.label, place.sizeBytes);
    return { buffer, offset: place.offsetBytes, size: place.sizeBytes };
  }
}

function inputsOf(graph: Graph): Map<string, Value> {
  const values = graph.nodes.flatMap((node) => node.inputs.filter((input) => input !== null));
  return new Map(values.flatMap((value) => (value.role.kind === 'input' ? [[value.role.name, value]] : [])));
}

function phaseOf(graph: Graph, value: Value): Phase {
  return graph.nodes.find((node) => node.outputs.some((output) => output.id === value.id))?.phase ?? 'gradient';
}

function outputBytes(outputs: readonly Output[], counts: Counts): number {
  return outputs.reduce((sum, { value }) => sum + elementCount(value.shape, counts) * 4, 0);
}
