import { checkpoint } from '../engine/checkpoint';
import { differentiate } from '../engine/differentiate';
import { GraphBuilder, prune, type Graph, type Value } from '../engine/graph';
import { lossScaleGrowthInterval, lossScaleSize } from '../engine/lossScale';
import { ParameterLayout } from '../engine/parameters';
import type { BaseModel, ClassifierPlan } from '../models/architecture';
import { placeSavedVectors } from '../models/bodyBuilder';
import { buildClassifier } from '../models/classifier';
import { fuse } from '../ops/fuse';
import { halve } from '../ops/half';
import { differentiableOps, shapeRules } from '../ops/index';

export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Partial sums of the gradient norm: enough to fill a GPU, few enough for one workgroup to add up. */
const normParts = 128;

export interface ClassifierGraphs {
  /** Outputs: loss [1], gradNorm [1], logits [targets, labels]; with fp16 also lossScale [4], the state after the step. */
  train: Graph;
  /** Outputs: loss [1], logits. */
  evaluate: Graph;
  layout: ParameterLayout;
  fp16: boolean;
}

/** How the graphs are rewritten. */
export interface GraphOptions {
  /** Keep each block's input alone and compute the rest of it again in the backward pass; changes no number. */
  gradientCheckpointing?: boolean;
  /** Hold activations as float16 and scale the loss, so that its gradients are not lost below float16's smallest numbers. */
  fp16?: boolean;
  /** The loss weighs each text by the batch input targetWeights (a classifier's training graph alone). */
  classWeights?: boolean;
}

/** The graphs of a classification run; both use the same weights and the same places for parameters. */
export function buildClassifierGraphs(model: BaseModel, plan: ClassifierPlan, options: GraphOptions = {}): ClassifierGraphs {
  const layout = new ParameterLayout();
  placeSavedVectors(layout, plan.lora.saved);
  const { fp16 = false, classWeights = false } = options;
  const whole = trainingGraph(model, plan, layout, { scaled: fp16, weighted: classWeights });
  const train = options.gradientCheckpointing ? checkpoint(whole) : whole;
  const evaluate = evaluationGraph(model, { ...plan, lora: { ...plan.lora, dropout: 0 } }, layout);
  const finish = (graph: Graph): Graph => (fp16 ? halve(fuse(graph)) : fuse(graph));
  return { train: finish(train), evaluate: finish(evaluate), layout, fp16 };
}

/**
 * Forward, backward, clipping and optimizer as one graph, before fusing. `scaled`: the gradients are those of a scaled loss;
 * `weighted`: by the batch input targetWeights.
 */
export function trainingGraph(
  model: BaseModel,
  plan: ClassifierPlan,
  layout: ParameterLayout,
  { scaled = false, weighted = false } = {},
): Graph {
  const graph = new GraphBuilder(shapeRules);
  const logits = buildClassifier(model, graph, plan, layout);
  const labels = graph.input('labels', ['targets']);
  const weights = weighted ? graph.input('targetWeights', ['targets'], 'f32') : null;
  graph.output('loss', graph.one('crossEntropy', [logits, labels, weights]));
  graph.output('logits', logits);
  const scale = scaled ? graph.state('lossScale', lossScaleSize) : null;
  differentiate(
    graph,
    new Map([[logits, graph.one('crossEntropyGradient', [logits, labels, scale, weights])]]),
    differentiableOps,
  );
  graph.beginUpdate();
  addOptimizer(graph, layout, scale);
  return prune(graph.graph());
}

/** Clipping and AdamW, and what becomes of the loss scale. */
export function addOptimizer(graph: GraphBuilder, { size, undecayed }: ParameterLayout, scale: Value | null): void {
  const [parameters, gradients, firstMoment, secondMoment] = (
    ['parameters', 'gradients', 'firstMoment', 'secondMoment'] as const
  ).map((name) => graph.state(name, size));
  if (!parameters || !gradients || !firstMoment || !secondMoment) throw new Error('The optimizer lacks a state.');
  const norm = graph.one('gradientNorm', [graph.one('sumSquares', [gradients], { parts: normParts }), scale]);
  graph.output('gradNorm', norm);
  const optimized = [parameters, firstMoment, secondMoment];
  const inputs = [parameters, gradients, firstMoment, secondMoment, norm, scale];
  graph.into('adamW', inputs, optimized, { ...adam, undecayed });
  if (!scale) return;
  const { beta1, beta2 } = adam;
  graph.into('updateLossScale', [scale, norm], [scale], { beta1, beta2, interval: lossScaleGrowthInterval });
  graph.output('lossScale', scale);
}

/** Forward and loss alone. */
export function evaluationGraph(model: BaseModel, plan: ClassifierPlan, layout: ParameterLayout): Graph {
  const graph = new GraphBuilder(shapeRules);
  const logits = buildClassifier(model, graph, plan, layout);
  graph.output('loss', graph.one('crossEntropy', [logits, graph.input('labels', ['targets'])]));
  graph.output('logits', logits);
  return prune(graph.graph());
}
