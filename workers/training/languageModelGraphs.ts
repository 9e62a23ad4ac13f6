import { checkpoint } from '../engine/checkpoint';
import { differentiate } from '../engine/differentiate';
import { GraphBuilder, prune, type Graph, type Value } from '../engine/graph';
import { lossScaleSize } from '../engine/lossScale';
import { ParameterLayout } from '../engine/parameters';
import { renameDims } from '../engine/renameDims';
import type { BaseModel, BodyPlan } from '../models/architecture';
import { placeSavedVectors } from '../models/bodyBuilder';
import { fuse } from '../ops/fuse';
import { halve } from '../ops/half';
import { differentiableOps, shapeRules } from '../ops/index';
import { addOptimizer, type GraphOptions } from './graphs';

export interface LanguageModelGraphs {
  /** Outputs: loss [1], gradNorm [1]; with fp16 also lossScale [4], the state after the step. */
  train: Graph;
  /** Outputs: loss [1], statistics [targets, 2]: each target's log-sum-exp and its label's logit. */
  evaluate: Graph;
  layout: ParameterLayout;
  fp16: boolean;
}

export interface LanguageModelOptions extends GraphOptions {
  /** Every row of every batch is a target, as in blocks of a corpus. */
  everyToken?: boolean;
}

/** Logits that exist at a time, at the most: 32 MB. */
const mostLogits = 8 * 1024 * 1024;
const smallestChunk = 1024;

/** Entries of the vocabulary whose logits a batch with so many targets may have at a time; divides by eight. */
export function chunkFor(targets: number, vocabularySize: number): number {
  const whole = Math.ceil(vocabularySize / 8) * 8;
  const fitting = Math.floor(mostLogits / Math.max(1, targets) / 256) * 256;
  return Math.min(whole, Math.max(smallestChunk, fitting));
}

/**
 * The graphs of a run that predicts tokens; both use the same weights and the same places for parameters. `targets`: the most
 * that any batch has.
 */
export function buildLanguageModelGraphs(
  model: BaseModel,
  plan: BodyPlan,
  targets: { training: number; evaluation: number },
  options: LanguageModelOptions = {},
): LanguageModelGraphs {
  const layout = new ParameterLayout();
  placeSavedVectors(layout, plan.lora.saved);
  const { fp16 = false, everyToken = false } = options;
  const whole = trainingGraph(model, plan, layout, chunkFor(targets.training, model.vocabularySize), fp16);
  const train = options.gradientCheckpointing ? checkpoint(whole) : whole;
  const evaluate = evaluationGraph(model, plan, layout, chunkFor(targets.evaluation, model.vocabularySize));
  const finish = (graph: Graph): Graph => {
    const fused = fp16 ? halve(fuse(graph)) : fuse(graph);
    return everyToken ? renameDims(fused, { targets: 'tokens' }) : fused;
  };
  return { train: finish(train), evaluate: finish(evaluate), layout, fp16 };
}

/** Output: statistics [targets, 2], for beginnings with several branches: one for each answer that is scored. */
export function buildScoringGraph(
  model: BaseModel,
  plan: BodyPlan,
  layout: ParameterLayout,
  { targets, longestTokens }: { targets: number; longestTokens: number },
): Graph {
  const chunk = chunkFor(targets, model.vocabularySize);
  return fuse(evaluationGraph(model, { ...plan, branches: { longestTokens } }, layout, chunk));
}

function trainingGraph(model: BaseModel, plan: BodyPlan, layout: ParameterLayout, chunk: number, scaled: boolean): Graph {
  const graph = new GraphBuilder(shapeRules);
  const { hidden, head, labels, statistics } = addLoss(graph, model, plan, layout, chunk);
  const scale = scaled ? graph.state('lossScale', lossScaleSize) : null;
  const gradient = graph.one('headLossGradient', [hidden, head, labels, statistics, scale], { chunk });
  differentiate(graph, new Map([[hidden, gradient]]), differentiableOps);
  graph.beginUpdate();
  addOptimizer(graph, layout, scale);
  return prune(graph.graph());
}

function evaluationGraph(model: BaseModel, plan: BodyPlan, layout: ParameterLayout, chunk: number): Graph {
  const graph = new GraphBuilder(shapeRules);
  const { statistics } = addLoss(graph, model, { ...plan, lora: { ...plan.lora, dropout: 0 } }, layout, chunk);
  graph.output('statistics', statistics);
  return prune(graph.graph());
}

interface LossValues {
  hidden: Value;
  head: Value;
  labels: Value;
  statistics: Value;
}

/** The forward pass, with the output `loss`. */
function addLoss(graph: GraphBuilder, model: BaseModel, plan: BodyPlan, layout: ParameterLayout, chunk: number): LossValues {
  const hidden = model.buildHidden(graph, plan, layout);
  const head = graph.weight(model.outputTensor, [model.vocabularySize, model.width], plan.storage);
  const labels = graph.input('labels', ['targets']);
  const [loss, statistics] = graph.add('headLoss', [hidden, head, labels], { chunk });
  if (!loss || !statistics) throw new Error('headLoss has not two outputs.');
  graph.output('loss', loss);
  return { hidden, head, labels, statistics };
}
