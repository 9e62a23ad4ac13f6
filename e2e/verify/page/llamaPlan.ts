import type { TaskName } from '../../../workers/api/settings';
import type { RunMemory } from '../../../workers/api/memory';
import { planShape, type ShapedRun } from '../../../workers/session/plan/shapePlan';
import { llamaModels } from '../../../workers/testing/llamaGraphs';

export type PlanRow = ShapedRun & { memory: RunMemory; largest: { label: string; bytes: number } };

/** Llama-2-7B with 4-bit weights: every task with and without checkpointing and fp16. */
export function llamaPlans(): PlanRow[] {
  const tasks: readonly TaskName[] = ['head', 'prompt', 'text'];
  const shape = { sequences: 2, tokensPerSequence: 256, r: 8, targets: ['q_proj', 'v_proj'], storage: 'int4' } as const;
  return tasks.flatMap((task) =>
    [true, false].flatMap((gradientCheckpointing) =>
      [false, true].map((fp16) => {
        const run = { ...shape, task, gradientCheckpointing, fp16 };
        const { memory, largest } = planShape(llamaModels['Llama-2-7B'], run);
        return { ...run, memory, largest };
      }),
    ),
  );
}
