import { collateTargets } from '../data/collateTargets';
import type { Batch } from '../engine/executor';
import { GraphBuilder, prune, type Graph, type Value } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import type { BaseModel, BodyPlan } from '../models/architecture';
import { fuse } from '../ops/fuse';
import { shapeRules } from '../ops/index';

/** All logits of the target rows: output logits [targets, vocabulary]. */
export function buildLogits(model: BaseModel, plan: BodyPlan, layout: ParameterLayout): Graph {
  const graph = new GraphBuilder(shapeRules);
  const hidden = model.buildHidden(graph, plan, layout);
  const head = graph.weight(model.outputTensor, [model.vocabularySize, model.width], plan.storage);
  graph.output('logits', graph.one('linear', [hidden, head], { transposed: true, lora: null, activation: 'none' }));
  return fuse(prune(graph.graph()));
}

/** A batch in which every token of the sequences is a target. */
export function everyTokenBatch(sequences: readonly ArrayLike<number>[]): Batch {
  const whole = collateTargets(sequences.map((ids) => ({ ids: [...Array.from(ids), 0], targetStart: 1 })));
  const { tokens, sequences: count, targets, ...inputs } = whole;
  return { tokens, sequences: count, targets, inputs };
}

/** The frozen weights that these graphs read. */
export function weightsOf(graphs: readonly Graph[]): Value[] {
  const values = graphs.flatMap(({ nodes }) => nodes.flatMap(({ inputs }) => inputs));
  return [...new Set(values.filter((input): input is Value => input?.role.kind === 'weight'))];
}
