import { describe, expect, it } from 'vitest';
import { rowWindows } from '../../engine/wgsl/rowWindows';
import { bytesHeld, heldAs } from '../../engine/weightStorage';
import { llamaModels } from '../../testing/llamaGraphs';
import { planShape, type ShapedRun, type ShapePlan } from './shapePlan';

const run: ShapedRun = {
  task: 'head', sequences: 2, tokensPerSequence: 256, r: 8, targets: ['q_proj', 'v_proj'], storage: 'int4', gradientCheckpointing: true, fp16: false,
}; // prettier-ignore
const planLlama = (planned: ShapedRun): ShapePlan => planShape(llamaModels['Llama-2-7B'], planned);
const goalBytes = 6e9;
const bindingBytes = 2 ** 27;

const blockNumbers = 4 * 4096 ** 2 + 3 * 4096 * 11_008;
const vocabulary = 32_000 * 4096;

describe('Llama-2-7B in four bits, 2 texts of 256 tokens, r=8', () => {
  it.each([
    ['head', false],
    ['head', true],
    ['prompt', false],
    ['prompt', true],
    ['text', false],
    ['text', true],
  ] as const)('%s, fp16 %s: needs less than 6 GB with checkpointing', (task, fp16) => {
    const { memory, largest } = planLlama({ ...run, task, fp16 });
    expect(memory.totalBytes).toBeLessThan(goalBytes);
    expect(memory.totalBytes).toBe(memory.weightBytes + memory.adapterBytes + memory.activationBytes);
    expect(largest.bytes).toBeLessThan(bindingBytes);
  });

  it('counts every weight: 20 bytes for 32 numbers of a matrix, four for each of a norm', () => {
    const norms = 4 * (2 * 32 + 1) * 4096;
    const matrices = (tables: number): number => (20 / 32) * (32 * blockNumbers + tables * vocabulary);
    expect(planLlama(run).memory.weightBytes).toBe(matrices(1) + norms);
    expect(planLlama({ ...run, task: 'text' }).memory.weightBytes).toBe(matrices(2) + norms);
  });

  it('counts what is trained four times: its gradient and two moments beside it', () => {
    const { memory, trained } = planLlama(run);
    expect(trained).toBe(32 * 2 * 2 * 8 * 4096 + 2 * 4096);
    expect(memory.adapterBytes).toBe(16 * trained);
  });

  it('keeps of each block its input, and the values of one block at a time', () => {
    const rowBytes = 512 * 4096 * 4;
    const inner = 512 * 11_008 * 4;
    const { activationBytes } = planLlama(run).memory;
    expect(activationBytes).toBeGreaterThan(31 * rowBytes + 3 * inner);
    // At the MLP's gradient: gate, up, the gradients of both and of their product; before it what attention needs.
    expect(activationBytes).toBeLessThan(31 * rowBytes + 5 * inner + 8 * rowBytes);
    const kept = planLlama({ ...run, gradientCheckpointing: false }).memory.activationBytes;
    expect(kept).toBeGreaterThan(31 * (2 * inner + 6 * rowBytes));
    expect(activationBytes).toBeLessThan(0.2 * kept);
  });

  it('counts the caches that are written from', () => {
    const caches = 2 * 32 * (256 + 256) * 4096 * 4;
    const { memory } = planLlama({ ...run, task: 'text' });
    const { activationBytes } = memory;
    expect(activationBytes).toBeGreaterThan(caches + planLlama(run).memory.activationBytes);
  });

  it('has tables in parts that one binding spans', () => {
    for (const value of planLlama({ ...run, task: 'text' }).weights) {
      const columns = value.shape.length === 1 ? 0 : Number(value.shape[1]);
      for (const { begin, end } of rowWindows(value, bindingBytes)) {
        expect(bytesHeld(heldAs(value), (end - begin) * columns)).toBeLessThanOrEqual(bindingBytes);
      }
    }
  });
});
