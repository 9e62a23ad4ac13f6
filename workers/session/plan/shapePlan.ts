import type { TaskName } from '../../api/settings';
import type { Value, WeightStorage } from '../../engine/graph';
import type { Counts } from '../../engine/shape';
import type { BaseModel, BodyPlan } from '../../models/architecture';
import { buildClassifierGraphs } from '../../training/graphs';
import { buildLanguageModelGraphs, buildScoringGraph } from '../../training/languageModelGraphs';
import type { Device } from '../device';
import { planGeneration } from '../tasks/generationPlan';
import { runNeeds, weightsOf, type RunNeeds } from './runMemory';
import { evaluationCapacityFor } from '../tasks/evaluationCapacity';
import type { TaskGraphs } from '../tasks/runEngine';

/** A run as far as its memory depends on it: every sequence is equally long. */
export interface ShapedRun {
  task: TaskName;
  sequences: number;
  tokensPerSequence: number;
  r: number;
  targets: readonly string[];
  storage: WeightStorage;
  gradientCheckpointing: boolean;
  fp16: boolean;
}

export interface ShapePlan extends RunNeeds {
  weights: Value[];
  /** Numbers that are trained. */
  trained: number;
}

/** With the limits that WebGPU promises everywhere: 128 MiB a binding. */
const device: Device = {
  threads: 1,
  limits: { bufferBytes: 2 ** 28, bindingBytes: 2 ** 27 },
  report: { executor: 'webgpu', label: 'WebGPU', notice: null, offers: null },
  disproof: null,
  tunes: false,
};

/** Classes of a head; answers that are scored at a time by prompt, and the tokens of each. */
const labelCount = 2;
const scored = { texts: 2, answerTokens: 4 };

/** What a run on a graphics device needs, without any data: the graphs and the planner of real runs. */
export function planShape(base: BaseModel, run: ShapedRun): ShapePlan {
  const { sequences, tokensPerSequence } = run;
  const tokens = sequences * tokensPerSequence;
  const training = { tokens, sequences, targets: run.task === 'head' ? sequences : tokens };
  const graphs = graphsOf(base, run, tokens);
  const needs = runNeeds(graphs, training, evaluationOf(run, graphs, training), device);
  return { ...needs, weights: weightsOf(graphs), trained: graphs.layout.count };
}

function graphsOf(base: BaseModel, run: ShapedRun, tokens: number): TaskGraphs {
  const { task, r, targets, storage, gradientCheckpointing, fp16, tokensPerSequence } = run;
  const adapts = (module: string): boolean => targets.some((target) => module.endsWith(`.${target}`));
  const plan: BodyPlan = { lora: { r, scaling: 2, dropout: 0.05, adapts }, storage };
  const options = { gradientCheckpointing, fp16 };
  if (task === 'head') return buildClassifierGraphs(base, { ...plan, labelCount }, options);
  const everyToken = task === 'text';
  const graphs = buildLanguageModelGraphs(base, plan, { training: tokens, evaluation: tokens }, { ...options, everyToken });
  const generation = planGeneration(base, plan, graphs.layout, tokensPerSequence);
  if (everyToken) return { ...graphs, generation };
  const answers = { targets: scored.texts * scored.answerTokens, longestTokens: tokens };
  return { ...graphs, generation, evaluate: buildScoringGraph(base, plan, graphs.layout, answers) };
}

function evaluationOf({ task, tokensPerSequence }: ShapedRun, graphs: TaskGraphs, training: Required<Counts>): Counts {
  if (task === 'prompt') {
    const { texts, answerTokens } = scored;
    return { tokens: texts * (tokensPerSequence + answerTokens), sequences: texts, targets: texts * answerTokens };
  }
  const capacity = evaluationCapacityFor(graphs, training, tokensPerSequence);
  return task === 'head' ? capacity : { ...capacity, targets: capacity.tokens };
}
