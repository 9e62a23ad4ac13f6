import { checkpoint } from '../engine/checkpoint';
import { differentiate } from '../engine/differentiate';
import { GraphBuilder, prune, type Graph } from '../engine/graph';
import { ParameterLayout } from '../engine/parameters';
import type { BaseModel, ClassifierPlan } from '../models/architecture';
import { fuse } from '../ops/fuse';
import { differentiableOps, shapeRules } from '../ops/index';

export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Partial sums of the gradient norm: enough to fill a GPU, few enough for one workgroup to add up. */
const normParts = 128;

export interface ClassifierGraphs {
  /** Outputs: loss [1], gradNorm [1], logits [sequences, labels]. */
  train: Graph;
  /** Outputs: loss [1], logits. */
  evaluate: Graph;
  layout: ParameterLayout;
}

/** How the training graph is rewritten; none of it changes what is computed. */
export interface GraphOptions {
  /** Keep each block's input alone and compute the rest of it again in the backward pass. */
  gradientCheckpointing?: boolean;
}

/** The graphs of a classification run; both use the same weights and the same places for parameters. */
export function buildClassifierGraphs(model: BaseModel, plan: ClassifierPlan, options: GraphOptions = {}): ClassifierGraphs {
  const layout = new ParameterLayout();
  const whole = trainingGraph(model, plan, layout);
  const train = options.gradientCheckpointing ? checkpoint(whole) : whole;
  const evaluate = evaluationGraph(model, { ...plan, lora: { ...plan.lora, dropout: 0 } }, layout);
  return { train: fuse(train), evaluate: fuse(evaluate), layout };
}

/** Forward, backward, clipping and optimizer as one graph, before fusing. */
export function trainingGraph(model: BaseModel, plan: ClassifierPlan, layout: ParameterLayout): Graph {
  const graph = new GraphBuilder(shapeRules);
  const logits = model.buildClassifier(graph, plan, layout);
  const labels = graph.input('labels', ['sequences']);
  graph.output('loss', graph.one('crossEntropy', [logits, labels]));
  graph.output('logits', logits);
  differentiate(graph, new Map([[logits, graph.one('crossEntropyGradient', [logits, labels])]]), differentiableOps);
  graph.beginUpdate();
  const [parameters, gradients, firstMoment, secondMoment] = (
    ['parameters', 'gradients', 'firstMoment', 'secondMoment'] as const
  ).map((name) => graph.state(name, layout.size));
  if (!parameters || !gradients || !firstMoment || !secondMoment) throw new Error('The optimizer lacks a state.');
  const norm = graph.one('gradientNorm', [graph.one('sumSquares', [gradients], { parts: normParts })]);
  graph.output('gradNorm', norm);
  graph.into('adamW', [parameters, gradients, firstMoment, secondMoment, norm], [parameters, firstMoment, secondMoment], adam);
  return prune(graph.graph());
}

/** Forward and loss alone. */
export function evaluationGraph(model: BaseModel, plan: ClassifierPlan, layout: ParameterLayout): Graph {
  const graph = new GraphBuilder(shapeRules);
  const logits = model.buildClassifier(graph, plan, layout);
  graph.output('loss', graph.one('crossEntropy', [logits, graph.input('labels', ['sequences'])]));
  graph.output('logits', logits);
  return prune(graph.graph());
}
