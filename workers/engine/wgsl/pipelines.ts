import type { Kernel } from './kernel';

export interface CompiledPipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** How long a kernel took to compile, and what the compiler said. */
export interface CompileNote {
  label: string;
  elapsedMs: number;
  messages: string[];
}

/** One pipeline for each distinct source; compiled side by side. */
export class PipelineCache {
  readonly notes: CompileNote[] = [];
  private readonly device: GPUDevice;
  private readonly pipelines = new Map<string, Promise<CompiledPipeline>>();
  private onMake: ((made: Promise<CompiledPipeline>) => void) | null = null;
  private readonly layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** One for each kernel, in order. Throws with the compiler's words. */
  async compile(kernels: readonly Kernel[]): Promise<CompiledPipeline[]> {
    return Promise.all(kernels.map((kernel) => this.pipeline(kernel)));
  }

  /** As `compile`, with the reason in place of a pipeline that this device does not make. */
  async tryCompile(kernels: readonly Kernel[]): Promise<(CompiledPipeline | Error)[]> {
    const settled = await Promise.allSettled(kernels.map((kernel) => this.pipeline(kernel)));
    return settled.map((result) => {
      if (result.status === 'fulfilled') return result.value;
      return result.reason instanceof Error ? result.reason : new Error(String(result.reason));
    });
  }

  /** Distinct sources so far. */
  get size(): number {
    return this.pipelines.size;
  }

  /**
   * Tells how many of the pipelines asked for from now on are there; nothing where none has to be made. The result ends it.
   */
  watch(onProgress: ((done: number, total: number) => void) | undefined): () => void {
    let [done, total] = [0, 0];
    this.onMake = (made) => {
      onProgress?.(done, ++total);
      const settle = (): void => onProgress?.(++done, total);
      made.then(settle, settle);
    };
    return () => (this.onMake = null);
  }

  private pipeline(kernel: Kernel): Promise<CompiledPipeline> {
    const known = this.pipelines.get(kernel.source);
    if (known) return known;
    const made = this.make(kernel);
    this.pipelines.set(kernel.source, made);
    this.onMake?.(made);
    return made;
  }

  private async make({ label, source, bindings }: Kernel): Promise<CompiledPipeline> {
    const begin = performance.now();
    const layout = this.layout(bindings.map(({ access }) => access));
    // The compiler's errors come with the pipeline's; they are not the device's failure.
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label, code: source });
    const scope = this.device.popErrorScope();
    const pipelineLayout = this.device.createPipelineLayout({ bindGroupLayouts: [layout] });
    const compute = { module, entryPoint: 'main' };
    const [made, info] = await Promise.allSettled([
      this.device.createComputePipelineAsync({ label, layout: pipelineLayout, compute }),
      module.getCompilationInfo(),
      scope,
    ]);
    const messages =
      info.status === 'fulfilled'
        ? info.value.messages.map(({ type, lineNum, message }) => `${type}, line ${lineNum}: ${message}`)
        : [];
    this.notes.push({ label, elapsedMs: performance.now() - begin, messages });
    if (made.status === 'fulfilled') return { pipeline: made.value, layout };
    const reason = made.reason instanceof Error ? made.reason.message : String(made.reason);
    throw new Error(`The kernel ${label} does not compile on this device: ${[reason, ...messages].join('\n')}`);
  }

  private layout(accesses: readonly ('read' | 'read_write')[]): GPUBindGroupLayout {
    const key = accesses.join(' ');
    const known = this.layouts.get(key) ?? this.device.createBindGroupLayout({ entries: layoutEntries(accesses) });
    this.layouts.set(key, known);
    return known;
  }
}

function layoutEntries(accesses: readonly ('read' | 'read_write')[]): GPUBindGroupLayoutEntry[] {
  const visibility = GPUShaderStage.COMPUTE;
  return [
    { binding: 0, visibility, buffer: { type: 'uniform' } },
    { binding: 1, visibility, buffer: { type: 'uniform' } },
    { binding: 2, visibility, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ...accesses.map((access, index): GPUBindGroupLayoutEntry => {
      const type = access === 'read' ? 'read-only-storage' : 'storage';
      return { binding: index + 3, visibility, buffer: { type } };
    }),
  ];
}
